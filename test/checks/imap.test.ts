import assert from 'node:assert/strict';
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

const greeting = '* OK [CAPABILITY IMAP4rev1] ready\r\n';
const ready = { up: true, reason: '* OK [CAPABILITY IMAP4rev1] ready' };
const credentials = { login: 'joe', passwd: 'se"c\\ret' };

describe('the check of imap', () => {
  for (const address of ['127.0.0.1', '::1']) {
    it(`is up when ${address} greets, on the port that it is told`, async (t) => {
      const server = await startLineServer(t, { greeting, address });
      assert.deepEqual(await check(server.endpoint), ready);
      await server.closed(1);
      assert.deepEqual(server.lines, ['a2 LOGOUT']);
      assert.deepEqual(server.errors, []);
    });
  }

  it('logs in, and neither selects nor expunges', async (t) => {
    const answer = (line: string) =>
      line.startsWith('a1 ') ? '* CAPABILITY X\r\na1 OK done\r\n' : undefined;
    const server = await startLineServer(t, { greeting, answer });
    assert.deepEqual(await check(server.endpoint, credentials), ready);
    await server.closed(1);
    assert.deepEqual(server.lines, ['a1 LOGIN "joe" "se\\"c\\\\ret"', 'a2 LOGOUT']);
  });

  it('sends what is not ASCII as a literal, when the server asks for it', async (t) => {
    const answer = (line: string) => {
      if (line.endsWith('}')) return '* still here\r\n+ go on\r\n';
      return line.startsWith('a2') ? undefined : 'a1 OK\r\n';
    };
    const server = await startLineServer(t, { greeting, answer });
    assert.deepEqual(await check(server.endpoint, { login: 'jö', passwd: 'ß' }), ready);
    await server.closed(1);
    const sent = server.lines.map((line) => Buffer.from(line, 'latin1').toString('utf8'));
    assert.deepEqual(sent, ['a1 LOGIN {3}', 'jö {2}', 'ß', 'a2 LOGOUT']);
  });

  for (const [said, reason] of [
    ['a1 NO [AUTHENTICATIONFAILED] no\r\n', 'NO [AUTHENTICATIONFAILED] no'],
    ['a1 BAD what?\r\n', 'BAD what?'],
    ['* BYE go away\r\n', '* BYE go away'],
  ] as const) {
    it(`is down when LOGIN is answered by ${reason}`, async (t) => {
      const server = await startLineServer(t, { greeting, answer: () => said });
      const outcome = await check(server.endpoint, credentials);
      assert.deepEqual(outcome, { up: false, reason: `login refused: ${reason}` });
    });
  }

  it('is down when a literal is refused', async (t) => {
    const server = await startLineServer(t, { greeting, answer: () => 'a1 NO too long\r\n' });
    const outcome = await check(server.endpoint, { login: 'jö', passwd: 'x' });
    assert.deepEqual(outcome, { up: false, reason: 'login refused: NO too long' });
  });

  it('does not log in to a server that knows who asks', async (t) => {
    const server = await startLineServer(t, { greeting: '* PREAUTH hello\r\n' });
    const outcome = await check(server.endpoint, credentials);
    assert.deepEqual(outcome, { up: true, reason: '* PREAUTH hello' });
    await server.closed(1);
    assert.deepEqual(server.lines, ['a2 LOGOUT']);
  });

  for (const [what, said, reason] of [
    ['BYE', '* BYE overloaded\r\n', '* BYE overloaded'],
    ['another protocol', '220 mail ESMTP\r\n', '220 mail ESMTP'],
    ['a word that begins like it', '* OKAY\r\n', '* OKAY'],
    ['a line without end', 'x'.repeat(200_000), 'the answer has a line without end'],
  ] as const) {
    it(`is down when greeted by ${what}`, async (t) => {
      const server = await startLineServer(t, { greeting: said });
      assert.deepEqual(await check(server.endpoint), { up: false, reason });
    });
  }

  it('refuses a login that would be more than one line, before it connects', async () => {
    for (const login of ['joe\r\na9 DELETE INBOX', 'joe\n', 'joe\0']) {
      const reason = 'login: expected one line, got a line break or NUL in it';
      assert.deepEqual(await check(await refusingEndpoint(), { login }), { up: false, reason });
    }
    const { reason } = await check(await refusingEndpoint(), { login: 'joe', passwd: '\r' });
    assert.match(reason, /^passwd: expected one line/);
  });

  it('is down when the port is closed', async () => {
    const outcome = await check(await refusingEndpoint());
    assert.deepEqual(outcome, { up: false, reason: 'connection refused' });
  });

  for (const [what, said] of [
    ['nothing', ''],
    ['half a line', '* OK rea'],
    ['a greeting, but nothing after LOGIN', greeting],
  ] as const) {
    it(`is down at the deadline when the server says ${what}`, async (t) => {
      const server = await startLineServer(t, { greeting: said });
      const outcome = await check(server.endpoint, { ...credentials, timeoutMs: 150 });
      assert.deepEqual(outcome, { up: false, reason: 'no answer within 150 ms' });
      await server.closed(1);
    });
  }

  it('is down when the server closes in the middle of its greeting', async (t) => {
    const answer = () => undefined;
    const server = await startLineServer(t, { greeting: '* OK', answer });
    const closing = check(server.endpoint, { timeoutMs: 5000 });
    setTimeout(() => server.hangUp(), 50);
    const reason = 'connection closed in the middle of a line';
    assert.deepEqual(await closing, { up: false, reason });
  });
});

describe('the check of imaps', () => {
  const imaps = { service: 'imaps' } as const;

  for (const address of ['127.0.0.1', '::1']) {
    it(`is up with a chain that is trusted at ${address}, whatever its name`, async (t) => {
      const answer = (line: string) => (line.startsWith('a1') ? 'a1 OK\r\n' : undefined);
      const server = await startLineServer(t, {
        greeting,
        answer,
        tls: identity('trusted'),
        address,
      });
      assert.deepEqual(await check(server.endpoint, { ...imaps, ...credentials }), ready);
      await server.closed(1);
      assert.equal(server.lines.length, 2);
      assert.deepEqual([server.serverNames, server.errors], [[false], []]);
    });
  }

  it('is down with a certificate that nobody vouches for, and sends no login', async (t) => {
    const server = await startLineServer(t, { greeting, tls: identity('self-signed') });
    const outcome = await check(server.endpoint, { ...imaps, ...credentials });
    const reason = 'certificate not trusted: self-signed certificate';
    assert.deepEqual(outcome, { up: false, reason });
    assert.deepEqual(server.lines, []);
  });

  it('says so when the server does not speak TLS', async (t) => {
    const server = await startLineServer(t, { greeting });
    const outcome = await check(server.endpoint, imaps);
    const reason = 'TLS handshake failed: wrong version number';
    assert.deepEqual(outcome, { up: false, reason });
  });

  it('is down at the deadline when the server does not shake hands', async (t) => {
    const server = await startLineServer(t, {});
    const outcome = await check(server.endpoint, { ...imaps, timeoutMs: 150 });
    assert.deepEqual(outcome, { up: false, reason: 'no answer within 150 ms' });
    await server.closed(1);
  });
});

function check(target: Endpoint, changes: Partial<NegotiateCheck> = {}): Promise<CheckOutcome> {
  const definition = negotiateCheck(target, { service: 'imap', ...changes });
  return runCheck(definition, { signal: AbortSignal.timeout(definition.timeoutMs) });
}
