import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { SmtpHelloCheck } from '../../src/config/block-checks.ts';
import type { Endpoint } from '../../src/config/endpoint.ts';
import { type LineServer, startLineServer } from '../support/line-server.ts';
import { runToDeadline } from '../support/run-to-deadline.ts';
import { sendSlowly } from '../support/send-slowly.ts';
import { startTcpServer } from '../support/tcp-server.ts';
import { itSurvivesUnwellServers } from '../support/unwell-servers.ts';

describe('checkSmtpHello', () => {
  itSurvivesUnwellServers(smtp, Buffer.from('220 '));

  it('says HELO and QUIT', async (t) => {
    const server = await startSmtp(t);
    const outcome = await runToDeadline(smtp(server.endpoint));
    assert.deepEqual(outcome, { up: true, reason: '220 mail.example ready' });
    await server.closed(1);
    assert.deepEqual(server.lines, ['HELO lb.example.com', 'QUIT']);
    assert.deepEqual(server.errors, []);
  });

  it('reads replies of several lines, and codes without text', async (t) => {
    for (const replies of [
      { greeting: '220-mail\r\n220-is\r\n220 ready\r\n' },
      { greeting: '220\r\n' },
      { HELO: '250-hi\r\n250 you\r\n' },
      { QUIT: '500 what?\r\n' },
    ]) {
      const server = await startSmtp(t, replies);
      const { up, reason } = await runToDeadline(smtp(server.endpoint));
      assert.equal(up, true, reason);
    }
  });

  const bad: readonly [replies: Partial<Record<string, string>>, reason: string][] = [
    [{ greeting: '554 not for you\r\n' }, 'greeting: 554 not for you'],
    [{ greeting: '221 bye\r\n' }, 'greeting: 221 bye'],
    [{ greeting: '2200 hm\r\n' }, 'greeting: 2200 hm'],
    [{ greeting: '220x\r\n' }, 'greeting: 220x'],
    [{ greeting: '\r\n' }, 'greeting: an empty answer'],
    [{ HELO: '550 never\r\n' }, 'HELO: 550 never'],
    [{ HELO: '220 again\r\n' }, 'HELO: 220 again'],
    [{ HELO: 'close' }, 'HELO: connection closed without an answer'],
    [{ QUIT: 'close' }, 'QUIT: connection closed without an answer'],
  ];
  for (const [replies, reason] of bad) {
    it(`is down: ${reason}`, async (t) => {
      const server = await startSmtp(t, replies);
      assert.deepEqual(await runToDeadline(smtp(server.endpoint)), { up: false, reason });
    });
  }

  it('puts lines together that come one byte at a time', async (t) => {
    const server = await startTcpServer(t, (socket) => {
      sendSlowly(socket, '220 slow\r\n');
      socket.on('data', (chunk: Buffer) => {
        const isQuit = chunk.toString('latin1').startsWith('QUIT');
        sendSlowly(socket, isQuit ? '221 bye\r\n' : '250 hi\r\n');
      });
    });
    const outcome = await runToDeadline(smtp(server.endpoint));
    assert.deepEqual(outcome, { up: true, reason: '220 slow' });
  });

  it('is down when a line never ends', async (t) => {
    const server = await startTcpServer(t, (socket) => socket.write('2'.repeat(200_000)));
    const outcome = await runToDeadline(smtp(server.endpoint));
    assert.deepEqual(outcome, { up: false, reason: 'the answer has a line without end' });
  });

  it('sends no name with a line break in it', async (t) => {
    const server = await startSmtp(t);
    const definition = { ...smtp(server.endpoint), heloName: 'a\r\nRCPT TO:<b>' };
    const { up, reason } = await runToDeadline(definition);
    assert.deepEqual(
      [up, reason],
      [false, 'helo: expected one line, got a line break or NUL in it'],
    );
    assert.deepEqual(server.lines, []);
  });
});

function startSmtp(
  t: TestContext,
  changes: Readonly<Partial<Record<string, string>>> = {},
): Promise<LineServer> {
  const replies: Readonly<Partial<Record<string, string>>> = {
    greeting: '220 mail.example ready\r\n',
    HELO: '250 hi\r\n',
    QUIT: '221 bye\r\n',
    ...changes,
  };
  return startLineServer(t, {
    greeting: replies['greeting'] ?? '',
    answer(line, socket) {
      const reply = replies[line.split(' ')[0] ?? ''];
      if (reply !== 'close') return reply;
      socket.end();
      return undefined;
    },
  });
}

function smtp(
  target: Endpoint,
  { timeoutMs = 5000 }: { readonly timeoutMs?: number } = {},
): SmtpHelloCheck {
  return { type: 'smtp-hello', target, heloName: 'lb.example.com', timeoutMs };
}
