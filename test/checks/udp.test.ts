import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { UdpCheck, UdpReply } from '../../src/config/block-checks.ts';
import type { Endpoint } from '../../src/config/endpoint.ts';
import { runningTimers, runToDeadline, udpSocketsTo } from '../support/run-to-deadline.ts';
import { refusingEndpoint } from '../support/tcp-server.ts';
import { startUdpServer } from '../support/udp-server.ts';

describe('checkUdp without a required reply', () => {
  for (const address of ['127.0.0.1', '::1']) {
    it(`is up when ${address} stays silent, and ends itself`, async (t) => {
      const server = await startUdpServer(t, () => {}, address);
      const timers = runningTimers();
      const outcome = await runToDeadline(
        udp(server.endpoint, { payload: '00fFa0', timeoutMs: 50 }),
      );
      assert.deepEqual(outcome, { up: true, reason: 'no error within 50 ms' });
      assert.deepEqual(server.datagrams, [Buffer.from([0, 255, 160])]);
      assert.equal(udpSocketsTo(server.endpoint.port), 0);
      assert.ok(runningTimers() <= timers);
    });

    it(`is down when nobody listens at ${address}`, async () => {
      const outcome = await runToDeadline(udp(await refusingEndpoint(address)));
      assert.deepEqual(outcome, { up: false, reason: 'connection refused' });
    });
  }

  it('is up at once at any answer', async (t) => {
    const server = await startUdpServer(t, (_datagram, reply) => reply(Buffer.from('?')));
    const outcome = await runToDeadline(udp(server.endpoint, { timeoutMs: 60_000 }));
    assert.deepEqual(outcome, { up: true, reason: 'answered with 1 byte' });
  });

  it('sends an empty datagram too', async (t) => {
    const server = await startUdpServer(t, (_datagram, reply) => reply(Buffer.alloc(0)));
    const outcome = await runToDeadline(udp(server.endpoint, { payload: '' }));
    assert.deepEqual(outcome, { up: true, reason: 'answered with 0 bytes' });
    assert.deepEqual(server.datagrams, [Buffer.alloc(0)]);
  });
});

describe('checkUdp with a required reply', () => {
  const any = { pattern: '', minLength: 0, maxLength: 65_535 };
  const cases: readonly [name: string, answer: string, reply: Partial<UdpReply>, up: boolean][] = [
    ['any answer', '00', {}, true],
    ['an empty answer', '', {}, true],
    ['the bytes', 'deadbeef', { pattern: 'DEADBEEF' }, true],
    ['what begins so', 'deadbeef', { pattern: 'dead' }, true],
    ['half a byte', 'deadbeef', { pattern: 'dea' }, true],
    ['any nibble', 'deadbeef', { pattern: 'xeaXbxxf' }, true],
    ['another nibble', 'deadbeef', { pattern: 'xeaxbxxe' }, false],
    ['too few bytes for the pattern', 'de', { pattern: 'dexx' }, false],
    ['as many bytes as asked for', 'deadbeef', { minLength: 4, maxLength: 4 }, true],
    ['fewer bytes', 'deadbeef', { minLength: 5 }, false],
    ['more bytes', 'deadbeef', { maxLength: 3 }, false],
    ['much more bytes', '00'.repeat(60_000), { maxLength: 255 }, false],
  ];
  for (const [name, answer, reply, up] of cases) {
    it(`${name}: ${up ? 'up' : 'down'}`, async (t) => {
      const server = await startUdpServer(t, (_d, send) => send(Buffer.from(answer, 'hex')));
      const outcome = await runToDeadline(udp(server.endpoint, { reply: { ...any, ...reply } }));
      assert.equal(outcome.up, up, outcome.reason);
      assert.match(outcome.reason, /^answered with /);
      assert.equal(udpSocketsTo(server.endpoint.port), 0);
    });
  }

  it('says what came and what was expected, shortened', async (t) => {
    const server = await startUdpServer(t, (_d, send) => send(Buffer.alloc(100, 7)));
    const outcome = await runToDeadline(udp(server.endpoint, { reply: { ...any, pattern: '08' } }));
    assert.equal(outcome.reason, `answered with ${'07'.repeat(32)}..., expected 08`);
  });

  it('is down when the server stays silent', async (t) => {
    const server = await startUdpServer(t, () => {});
    const outcome = await runToDeadline(udp(server.endpoint, { reply: any, timeoutMs: 50 }));
    assert.deepEqual(outcome, { up: false, reason: 'no answer within 50 ms' });
    assert.equal(udpSocketsTo(server.endpoint.port), 0);
  });
});

function udp(target: Endpoint, changes: Partial<UdpCheck> = {}): UdpCheck {
  return { type: 'udp', target, payload: '70696e67', timeoutMs: 5000, ...changes };
}
