import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import type { Socket } from 'node:net';
import { describe, it } from 'node:test';
import type { CheckOutcome } from '../../src/checks/check.ts';
import { runCheck } from '../../src/checks/registry.ts';
import type { NegotiateCheck } from '../../src/config/check-model.ts';
import type { Endpoint } from '../../src/config/endpoint.ts';
import { startLineServer } from '../support/line-server.ts';
import { negotiateCheck } from '../support/negotiate-check.ts';
import { refusingEndpoint } from '../support/tcp-server.ts';
import { identity, trustTestAuthority } from '../support/tls-identity.ts';

trustTestAuthority();

const greeting = '+OK ready\r\n';
const ready = { up: true, reason: '+OK ready' };
const credentials = { login: 'mrose', passwd: 'tanstaaf' };

describe('the check of pop', () => {
  for (const address of ['127.0.0.1', '::1']) {
    it(`takes the greeting of ${address} for enough without a login`, async (t) => {
      const server = await startLineServer(t, { greeting, address });
      assert.deepEqual(await check(server.endpoint), ready);
      await server.closed(1);
      assert.deepEqual([server.lines, server.errors], [['QUIT'], []]);
    });
  }

  it('is down without a login when the port is closed', async () => {
    const outcome = await check(await refusingEndpoint());
    assert.deepEqual(outcome, { up: false, reason: 'connection refused' });
  });

  it('is down when the greeting is -ERR', async (t) => {
    const server = await startLineServer(t, { greeting: '-ERR busy\r\n' });
    assert.deepEqual(await check(server.endpoint), { up: false, reason: '-ERR busy' });
  });

  it('logs in with USER and PASS where there is nothing better, and asks STAT', async (t) => {
    const answer = (line: string) => (line === 'CAPA' ? '-ERR what?\r\n' : '+OK\r\n');
    const server = await startLineServer(t, { greeting, answer });
    assert.deepEqual(await check(server.endpoint, credentials), ready);
    await server.closed(1);
    assert.deepEqual(server.lines, ['CAPA', 'USER mrose', 'PASS tanstaaf', 'STAT', 'QUIT']);
  });

  it('logs in with APOP when the greeting has a timestamp', async (t) => {
    // The example of RFC 1939, 7.
    const stamped = '+OK POP3 server ready <1896.697170952@dbc.mtview.ca.us>\r\n';
    const server = await startLineServer(t, { greeting: stamped, answer: () => '+OK\r\n' });
    assert.equal((await check(server.endpoint, credentials)).up, true);
    await server.closed(1);
    const apop = 'APOP mrose c4c9334bac560ecc979e58001b3e22fb';
    assert.deepEqual(server.lines, [apop, 'STAT', 'QUIT']);
  });

  it('logs in with CRAM-MD5 when CAPA names it', async (t) => {
    const challenge = '<1896.697170952@postoffice.reston.mci.net>';
    const answer = (line: string) => {
      if (line === 'CAPA') return '+OK\r\nTOP\r\nSASL PLAIN CRAM-MD5\r\n.\r\n';
      if (line.startsWith('AUTH')) return `+ ${Buffer.from(challenge).toString('base64')}\r\n`;
      return '+OK\r\n';
    };
    const server = await startLineServer(t, { greeting, answer });
    assert.deepEqual(await check(server.endpoint, credentials), ready);
    await server.closed(1);
    const [, , response = ''] = server.lines;
    const digest = createHmac('md5', 'tanstaaf').update(challenge).digest('hex');
    assert.equal(Buffer.from(response, 'base64').toString(), `mrose ${digest}`);
    assert.deepEqual(server.lines, ['CAPA', 'AUTH CRAM-MD5', response, 'STAT', 'QUIT']);
  });

  it('tries the next way when one is refused, and gives the last refusal', async (t) => {
    const answer = (line: string) => {
      if (line === 'CAPA') return '+OK\r\nSASL CRAM-MD5\r\n.\r\n';
      return line.startsWith('USER') ? '+OK\r\n' : `-ERR no ${line.slice(0, 4)}\r\n`;
    };
    const server = await startLineServer(t, { greeting: '+OK <1@x>\r\n', answer });
    const outcome = await check(server.endpoint, credentials);
    assert.deepEqual(outcome, { up: false, reason: 'login refused: -ERR no PASS' });
    await server.closed(1);
    const verbs = server.lines.map((line) => line.split(' ')[0]);
    assert.deepEqual(verbs, ['APOP', 'CAPA', 'AUTH', 'USER', 'PASS', 'QUIT']);
  });

  it('is down when the mailbox does not open', async (t) => {
    const answer = (line: string) => (/STAT|CAPA/.test(line) ? '-ERR locked\r\n' : '+OK\r\n');
    const server = await startLineServer(t, { greeting, answer });
    const outcome = await check(server.endpoint, credentials);
    assert.deepEqual(outcome, { up: false, reason: 'STAT refused: -ERR locked' });
  });

  it('refuses a login or password that would be more than one line', async () => {
    for (const changes of [{ login: 'a\r\nDELE 1' }, { login: 'a', passwd: 'b\nDELE 1' }]) {
      const { up, reason } = await check(await refusingEndpoint(), changes);
      assert.equal(up, false);
      assert.match(reason, /^(login|passwd): expected one line, got a line break or NUL in it$/);
    }
  });

  for (const [what, said] of [
    ['nothing', ''],
    ['half a line', '+OK rea'],
    ['a greeting and nothing after', greeting],
  ] as const) {
    it(`is down at the deadline when the server says ${what}`, async (t) => {
      const server = await startLineServer(t, { greeting: said });
      const outcome = await check(server.endpoint, { ...credentials, timeoutMs: 150 });
      assert.deepEqual(outcome, { up: false, reason: 'no answer within 150 ms' });
      await server.closed(1);
    });
  }

  it('is down at the deadline when a list of capabilities never ends', async (t) => {
    const answer = (_line: string, socket: Socket) => {
      const talk = setInterval(() => socket.write('X-MORE\r\n'.repeat(100)), 5);
      socket.once('close', () => clearInterval(talk));
      return '+OK\r\n';
    };
    const server = await startLineServer(t, { greeting, answer });
    const outcome = await check(server.endpoint, { ...credentials, timeoutMs: 150 });
    assert.deepEqual(outcome, { up: false, reason: 'no answer within 150 ms' });
    await server.closed(1);
  });

  it('is down when a line never ends', async (t) => {
    const server = await startLineServer(t, { greeting: `+OK ${'x'.repeat(200_000)}` });
    const reason = 'the answer has a line without end';
    assert.deepEqual(await check(server.endpoint), { up: false, reason });
  });
});

describe('the check of pops', () => {
  it('logs in over TLS', async (t) => {
    const answer = (line: string) => (line === 'CAPA' ? '+OK\r\n.\r\n' : '+OK\r\n');
    const server = await startLineServer(t, { greeting, answer, tls: identity('trusted') });
    assert.deepEqual(await check(server.endpoint, { service: 'pops', ...credentials }), ready);
    await server.closed(1);
    assert.equal(server.lines.at(-2), 'STAT');
    assert.deepEqual([server.serverNames, server.errors], [[false], []]);
  });

  it('is down with a certificate that nobody vouches for', async (t) => {
    const server = await startLineServer(t, { greeting, tls: identity('self-signed') });
    const outcome = await check(server.endpoint, { service: 'pops', ...credentials });
    const reason = 'certificate not trusted: self-signed certificate';
    assert.deepEqual(outcome, { up: false, reason });
    assert.deepEqual(server.lines, []);
  });
});

function check(target: Endpoint, changes: Partial<NegotiateCheck> = {}): Promise<CheckOutcome> {
  const definition = negotiateCheck(target, { service: 'pop', ...changes });
  return runCheck(definition, { signal: AbortSignal.timeout(definition.timeoutMs) });
}
