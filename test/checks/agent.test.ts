import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { CheckOutcome } from '../../src/checks/check.ts';
import { deadlineMs, noAnswer } from '../../src/checks/deadline.ts';
import type { AgentCheck } from '../../src/config/block-checks.ts';
import type { Endpoint } from '../../src/config/endpoint.ts';
import { garbage } from '../support/byte-server.ts';
import { startLineServer } from '../support/line-server.ts';
import { runToDeadline } from '../support/run-to-deadline.ts';
import { sendSlowly } from '../support/send-slowly.ts';
import { refusingEndpoint, startTcpServer } from '../support/tcp-server.ts';

type Verdict = Omit<CheckOutcome, 'reason'>;

const percent = (value: number): Verdict => ({
  up: true,
  effect: { kind: 'percent', percent: value },
});
const unknown: Verdict = { up: false, inconclusive: true };

describe('checkAgent', () => {
  const answers: readonly [answer: string, verdict: Verdict][] = [
    ['75%', percent(75)],
    ['0%', percent(0)],
    ['100%', percent(100)],
    ['150%', percent(150)],
    ['up', { up: true }],
    ['UP', { up: true }],
    ['ready', { up: true }],
    ['up 50%', percent(50)],
    ['50%,up', percent(50)],
    ['\tready,\t 50% ,up', percent(50)],
    ['20% 30%', percent(30)],
    ['down', { up: false }],
    ['Failed', { up: false }],
    ['fail', { up: false }],
    ['stopped', { up: false }],
    ['down 75%', { ...percent(75), up: false }],
    ['down up', { up: true }],
    ['drain', { up: true, order: 'drain' }],
    ['drain 75%', { ...percent(75), order: 'drain' }],
    ['drain down', { up: false, order: 'drain' }],
    ['drain ready', { up: true }],
    ['maint', { up: false, order: 'maint' }],
    ['up maint', { up: false, order: 'maint' }],
    ['maint up ready', { up: true }],
    ['maxconn:30', { up: true }],
    ['maxconn:30 10%', percent(10)],
    ['up hello', { up: true, warning: 'agent: unknown word "hello"' }],
    ['up -5%', { up: true, warning: 'agent: unknown word "-5%"' }],
    ['up 5 %', { up: true, warning: 'agent: unknown word "%"' }],
    ['hello', unknown],
    ['75', unknown],
    ['75.5%', unknown],
    ['downhill', unknown],
    ['# up', unknown],
    ['', unknown],
    [' , ', unknown],
  ];
  for (const [answer, verdict] of answers) {
    it(`reads "${answer.replaceAll('\t', '\\t')}"`, async (t) => {
      const server = await startLineServer(t, { greeting: `${answer}\n` });
      const { reason, ...rest } = await runToDeadline(agent(server.endpoint));
      assert.deepEqual(rest, verdict);
      assert.match(reason, /^agent: ./);
    });
  }

  const reasons: readonly [answer: string, reason: string][] = [
    ['down # disk is full, # 2 of 3', 'agent: down: disk is full, # 2 of 3'],
    ['failed#no process', 'agent: failed: no process'],
    ['down', 'agent: down'],
    ['up 75% # well', 'agent: up 75% # well'],
    ['garbage', 'agent: garbage'],
    ['', 'agent: an empty answer'],
  ];
  for (const [answer, expected] of reasons) {
    it(`says "${expected}"`, async (t) => {
      const server = await startLineServer(t, { greeting: `${answer}\r\n` });
      assert.equal((await runToDeadline(agent(server.endpoint))).reason, expected);
    });
  }

  it('reads the first line only, whatever ends it', async (t) => {
    for (const greeting of ['75%\n', '75%\r\n', '75%\r', '75%\ndown\n', '75%\rdown']) {
      const server = await startLineServer(t, { greeting });
      const { reason, ...verdict } = await runToDeadline(agent(server.endpoint));
      assert.deepEqual([verdict, reason], [percent(75), 'agent: 75%']);
    }
  });

  it('takes the end of the connection for the end of the line', async (t) => {
    const server = await startTcpServer(t, (socket) => socket.end('75%'), '::1');
    assert.deepEqual((await runToDeadline(agent(server.endpoint))).effect, percent(75).effect);
  });

  it('puts together what comes one byte at a time', async (t) => {
    const server = await startTcpServer(t, (socket) => sendSlowly(socket, 'up 75%\n'));
    assert.deepEqual((await runToDeadline(agent(server.endpoint))).effect, percent(75).effect);
  });

  it('sends what it is told to, byte by byte as it is', async (t) => {
    const server = await startLineServer(t, { answer: () => 'up 10%\n' });
    const outcome = await runToDeadline(agent(server.endpoint, { send: 'web/\xe4\n' }));
    assert.deepEqual(outcome.effect, percent(10).effect);
    assert.deepEqual(server.lines, ['web/\xe4']);
    await server.closed(1);
    assert.deepEqual(server.errors, []);
  });

  it('learns nothing of the server from an agent that is not well', async (t) => {
    const refused = await runToDeadline(agent(await refusingEndpoint()));
    assert.deepEqual(refused, { ...unknown, reason: 'agent: connection refused' });

    const closing = await startTcpServer(t, (socket) => socket.end());
    const closed = await runToDeadline(agent(closing.endpoint));
    const reason = 'agent: connection closed without an answer';
    assert.deepEqual(closed, { ...unknown, reason });

    const endless = await startTcpServer(t, (socket) => socket.write('up '.repeat(100_000)));
    const long = await runToDeadline(agent(endless.endpoint));
    assert.deepEqual(long, { ...unknown, reason: 'agent: more than 65536 bytes' });
  });

  it('learns nothing from a silent one either, and leaves no connection', async (t) => {
    const server = await startTcpServer(t, (socket) => socket.write('up'));
    const definition = agent(server.endpoint, { timeoutMs: 100 });
    const outcome = await runToDeadline(definition);
    assert.deepEqual(outcome, { ...unknown, reason: 'agent: no answer within 100 ms' });
    assert.deepEqual(noAnswer(definition), outcome);
    assert.equal(deadlineMs(definition), 100);
    await server.closed(0);
  });

  it('never takes noise for an order', async (t) => {
    for (let seed = 0; seed < 20; seed++) {
      const noise = garbage(200, seed);
      const server = await startTcpServer(t, (socket) => socket.end(noise));
      const outcome = await runToDeadline(agent(server.endpoint));
      assert.equal(outcome.inconclusive, true, `${seed}: ${outcome.reason}`);
    }
  });

  it('gives no verdict that contradicts itself', async (t) => {
    const words = ['up', 'down', 'ready', 'drain', 'maint', '50%', 'x', 'maxconn:1', '#'];
    let answer = '';
    const server = await startTcpServer(t, (socket) => socket.end(answer));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom(...words), { maxLength: 6 }), async (said) => {
        answer = `${said.join(' ')}\n`;
        const { up, order, inconclusive, effect } = await runToDeadline(agent(server.endpoint));
        if (order === 'maint') assert.equal(up, false);
        if (inconclusive) assert.deepEqual([up, order, effect], [false, undefined, undefined]);
      }),
      { numRuns: 100 },
    );
  });
});

function agent(target: Endpoint, changes: Partial<AgentCheck> = {}): AgentCheck {
  return { type: 'agent', target, send: '', timeoutMs: 5000, ...changes };
}
