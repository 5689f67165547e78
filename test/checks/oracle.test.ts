import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { runCheck } from '../../src/checks/registry.ts';
import type { NegotiateCheck } from '../../src/config/check-model.ts';
import type { Endpoint } from '../../src/config/endpoint.ts';
import { startScripted } from '../support/byte-server.ts';
import { negotiateCheck } from '../support/negotiate-check.ts';
import { refusingEndpoint } from '../support/tcp-server.ts';
import { itSurvivesUnwellServers } from '../support/unwell-servers.ts';

const context = () => ({ signal: AbortSignal.timeout(10_000) });

function check(target: Endpoint, changes: Partial<NegotiateCheck> = {}): NegotiateCheck {
  const login = {
    login: 'check',
    passwd: 'secret',
    database: 'XE',
    request: '/SELECT 1 FROM DUAL',
  };
  return negotiateCheck(target, { service: 'oracle', ...login, ...changes });
}

/** Types of packets of Oracle's transparent network substrate. */
const tns = { accept: 2, refuse: 4, redirect: 5, resend: 11 } as const;

/**
 * There is no Oracle server that these tests could run: no distribution has a package of it. So the
 * listener here is a fake that knows the first packets of a connection and no more. What it shows is
 * how a server fails; that a good one is up was never seen.
 */
describe('checkOracle, at a fake listener', () => {
  itSurvivesUnwellServers(check);

  it('asks for the SID', async (t) => {
    const server = await startScripted(t, { answers: [packet(tns.refuse, refusal('12505'))] });
    await runCheck(check(server.endpoint), context());
    const { received } = await server.closed(0);
    assert.match(received, /\(CONNECT_DATA=\(SID=XE\)/);
    // The type of its first packet is Connect.
    assert.equal(received.charCodeAt(4), 1);
  });

  it('gives the reason of a listener that refuses, the same each time', async (t) => {
    const reasons = new Set<string>();
    for (let i = 0; i < 2; i++) {
      const server = await startScripted(t, { answers: [packet(tns.refuse, refusal('12505'))] });
      const { up, reason } = await runCheck(check(server.endpoint), context());
      assert.equal(up, false);
      assert.match(reason, /^NJS-\d+: .*SID "XE" is not registered with the listener/);
      reasons.add(reason.replace(/port \d+/, ''));
    }
    assert.equal(reasons.size, 1, [...reasons].join('\n'));
  });

  it('sends its first packet again when it is asked to', async (t) => {
    const answers = [packet(tns.resend, Buffer.alloc(0)), 'close'] as const;
    const server = await startScripted(t, { answers });
    assert.equal((await runCheck(check(server.endpoint), context())).up, false);
    const { received } = await server.closed(0);
    assert.equal(received.split('(SID=XE)').length, 3);
  });

  it('is down by the deadline, wherever the server falls silent', async (t) => {
    const accept = packet(tns.accept, accepted);
    for (const answers of [
      [accept],
      [packet(tns.resend, Buffer.alloc(0))],
      [accept.subarray(0, 9)],
    ]) {
      const server = await startScripted(t, { answers });
      const definition = check(server.endpoint, { timeoutMs: 200 });
      const outcome = await runCheck(definition, { signal: AbortSignal.timeout(200) });
      assert.deepEqual(outcome, { up: false, reason: 'no answer within 200 ms' });
      await server.closed(0);
    }
  });

  it('follows to another listener, and gives that one up too at the deadline', async (t) => {
    const second = await startScripted(t, {});
    const address = `(ADDRESS=(PROTOCOL=tcp)(HOST=127.0.0.1)(PORT=${second.endpoint.port}))`;
    const length = Buffer.alloc(2);
    length.writeUInt16BE(address.length);
    const redirect = packet(tns.redirect, Buffer.concat([length, Buffer.from(address)]));
    const first = await startScripted(t, { answers: [redirect] });
    const outcome = await runCheck(check(first.endpoint, { timeoutMs: 400 }), {
      signal: AbortSignal.timeout(400),
    });
    assert.deepEqual(outcome, { up: false, reason: 'no answer within 400 ms' });
    await first.closed(0);
    assert.match((await second.closed(0)).received, /\(SID=XE\)/);
  });

  it('asks nobody without a login, a query, or with a SID that is none', async () => {
    const nowhere = await refusingEndpoint();
    for (const [changes, reason] of [
      [{ login: '' }, 'oracle needs "login", it is not set'],
      [{ request: '/' }, 'oracle needs an SQL query as "request", it is not set'],
      [{ database: 'XE)(X=Y' }, 'database: expected the SID of an Oracle instance, got "XE)(X=Y"'],
    ] as const) {
      assert.deepEqual(await runCheck(check(nowhere, changes), context()), { up: false, reason });
    }
  });
});

/** Length, checksum, type, flags, checksum of the header. */
function packet(type: number, body: Buffer): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt16BE(8 + body.length, 0);
  header.writeUInt8(type, 4);
  return Buffer.concat([header, body]);
}

/** Version 314, no options, the usual lengths of packets, no data behind. */
const accepted = Buffer.concat([
  Buffer.from('013a000020007fff01000000002d4101', 'hex'),
  Buffer.alloc(60),
]);

/** Two reasons in a byte each, and the length of the text. */
function refusal(code: string): Buffer {
  const text = `(DESCRIPTION=(TMP=)(VSNNUM=0)(ERR=${code})(ERROR_STACK=(ERROR=(CODE=${code})(EMFI=4))))`;
  const head = Buffer.from([34, 0, 0, 0]);
  head.writeUInt16BE(text.length, 2);
  return Buffer.concat([head, Buffer.from(text)]);
}
