import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { checkNntp, checkSmtp } from '../../src/checks/greeting.ts';
import { negotiateCheck } from '../support/negotiate-check.ts';
import { refusingEndpoint, startTcpServer, type TestServer } from '../support/tcp-server.ts';

const context = { signal: new AbortController().signal };

describe('checkSmtp', () => {
  it('is up when greeting and EHLO are accepted, and says goodbye', async (t) => {
    const server = await startSmtp(t, '220-mail\r\n220 ready\r\n', {
      EHLO: '250-mail\r\n250-SIZE 1\r\n250 HELP\r\n',
    });
    const outcome = await checkSmtp(negotiateCheck(server.endpoint), context);
    assert.deepEqual(outcome, { up: true, reason: '220 ready' });
    const { received, ended, error } = await server.closed(0);
    assert.equal(received, 'EHLO localhost.localdomain\r\nQUIT\r\n');
    assert.deepEqual({ ended, error }, { ended: true, error: undefined });
  });

  it('tries HELO when EHLO is refused', async (t) => {
    const server = await startSmtp(t, '220 ready\r\n', {
      EHLO: '500 what?\r\n',
      HELO: '250 hi\r\n',
    });
    const outcome = await checkSmtp(negotiateCheck(server.endpoint), context);
    assert.deepEqual(outcome, { up: true, reason: '220 ready' });
  });

  it('is down when both are refused', async (t) => {
    const server = await startSmtp(t, '220 ready\r\n', {
      EHLO: '500 no\r\n',
      HELO: '550 never\r\n',
    });
    const outcome = await checkSmtp(negotiateCheck(server.endpoint), context);
    assert.deepEqual(outcome, { up: false, reason: '550 never' });
  });

  it('is down when the greeting is not 2xx', async (t) => {
    const server = await startSmtp(t, '554 not for you\r\n', {});
    const outcome = await checkSmtp(negotiateCheck(server.endpoint), context);
    assert.deepEqual(outcome, { up: false, reason: '554 not for you' });
  });

  it('is down when the server hangs up or refuses', async (t) => {
    const server = await startTcpServer(t, (socket) => socket.end());
    const outcome = await checkSmtp(negotiateCheck(server.endpoint), context);
    assert.deepEqual(outcome, { up: false, reason: 'connection closed without an answer' });
    const refused = checkSmtp(negotiateCheck(await refusingEndpoint()), context);
    await assert.rejects(refused, { code: 'ECONNREFUSED' });
  });

  it('is down when a line never ends', async (t) => {
    const server = await startTcpServer(t, (socket) => socket.write('2'.repeat(200_000)));
    const running = checkSmtp(negotiateCheck(server.endpoint), context);
    await assert.rejects(running, /line without end/);
  });

  it('ends at the abort', async (t) => {
    const server = await startTcpServer(t, () => {});
    const controller = new AbortController();
    const running = checkSmtp(negotiateCheck(server.endpoint), controller);
    setTimeout(() => controller.abort(new Error('enough')), 30);
    await assert.rejects(running, /enough/);
    await server.closed(0);
  });
});

describe('checkNntp', () => {
  for (const [greeting, up] of [
    ['200 news', true],
    ['201 read only', true],
    ['400 not now', false],
  ] as const) {
    it(`${greeting} is ${up ? 'up' : 'down'}`, async (t) => {
      const server = await startTcpServer(t, (socket) => socket.write(`${greeting}\r\n`), '::1');
      const outcome = await checkNntp(negotiateCheck(server.endpoint), context);
      assert.deepEqual(outcome, { up, reason: greeting });
      const { ended, error } = await server.closed(0);
      assert.deepEqual({ ended, error }, { ended: true, error: undefined });
    });
  }
});

function startSmtp(
  t: TestContext,
  greeting: string,
  answers: Readonly<Record<string, string>>,
): Promise<TestServer> {
  return startTcpServer(t, (socket: Socket) => {
    socket.write(greeting);
    socket.on('data', (chunk: Buffer) => {
      const verb = chunk.toString('latin1').slice(0, 4);
      const answer = answers[verb];
      if (answer !== undefined) socket.write(answer);
      if (verb === 'QUIT') socket.end('221 bye\r\n');
    });
  });
}
