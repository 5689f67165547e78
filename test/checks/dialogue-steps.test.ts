import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { describe, it } from 'node:test';
import { checkDialogueSteps } from '../../src/checks/dialogue-steps.ts';
import type { DialogueCheck, DialogueStep } from '../../src/config/block-checks.ts';
import type { CheckTarget, TlsSettings } from '../../src/config/check-target.ts';
import { garbage } from '../support/byte-server.ts';
import { startLineServer } from '../support/line-server.ts';
import { runningTimers, runToDeadline, udpSocketsTo } from '../support/run-to-deadline.ts';
import { sendSlowly } from '../support/send-slowly.ts';
import { refusingEndpoint, startTcpServer } from '../support/tcp-server.ts';
import { identity, tlsFixture } from '../support/tls-identity.ts';
import { boundSocket, startUdpServer } from '../support/udp-server.ts';

const ping: readonly DialogueStep[] = [{ send: 'PING\r\n' }, { expect: '\\+PONG' }];
const good = { up: true, reason: 'answered as expected' };

describe('checkDialogueSteps over TCP', () => {
  for (const address of ['127.0.0.1', '::1']) {
    it(`sends and expects at ${address}`, async (t) => {
      const server = await startLineServer(t, { answer: () => '+PONG\r\n', address });
      assert.deepEqual(await runToDeadline(dialogue(server.endpoint, ping)), good);
      await server.closed(1);
      assert.deepEqual(server.lines, ['PING']);
      assert.deepEqual(server.errors, []);
    });

    it(`is down when ${address} refuses`, async () => {
      const outcome = await runToDeadline(dialogue(await refusingEndpoint(address), ping));
      assert.deepEqual(outcome, { up: false, reason: 'connection refused' });
    });
  }

  it('sends every character as one byte', async (t) => {
    const server = await startTcpServer(t, (socket) => socket.on('data', () => socket.end('ok')));
    const steps = [{ send: '\0\xff\n' }, { expect: 'ok' }];
    assert.deepEqual(await runToDeadline(dialogue(server.endpoint, steps)), good);
    assert.equal((await server.closed(0)).received, '\0\xff\n');
  });

  it('finds bytes that are no text', async (t) => {
    const server = await startTcpServer(t, (socket) => socket.write(Buffer.from([1, 0, 0xfe, 9])));
    const steps = [{ expect: '\\x00\\xfe' }];
    assert.deepEqual(await runToDeadline(dialogue(server.endpoint, steps)), good);
  });

  it('keeps for the next expect what came after the match, however it was cut', async (t) => {
    const answer = 'one\r\ntwo\r\nthree\r\n';
    const steps = [{ expect: 'one' }, { expect: '^\\r\\ntwo' }, { expect: 'three' }];
    for (const speak of [
      (socket: Socket) => socket.write(answer),
      (socket: Socket) => sendSlowly(socket, answer),
      (socket: Socket) => socket.end(answer),
    ]) {
      const server = await startTcpServer(t, speak);
      assert.deepEqual(await runToDeadline(dialogue(server.endpoint, steps)), good);
    }
  });

  it('is down when an expression does not come to an end', async (t) => {
    const text = `${'a'.repeat(60)}!`;
    const server = await startTcpServer(t, (socket) => socket.end(text));
    assert.deepEqual(await runToDeadline(dialogue(server.endpoint, [{ expect: '^(a+)+$' }])), {
      up: false,
      reason: `step 1: expected "^(a+)+$", got "${text}": the regular expression takes too long on this answer, simplify it`,
    });
  });

  it('does not find the same text twice', async (t) => {
    const server = await startTcpServer(t, (socket) => socket.end('one two'));
    const steps = [{ expect: 'two' }, { expect: 'one' }];
    const reason = 'step 2: expected "one", got nothing, and the connection is closed';
    assert.deepEqual(await runToDeadline(dialogue(server.endpoint, steps)), { up: false, reason });
  });

  it('says which step failed and what came instead', async (t) => {
    const server = await startTcpServer(t, (socket) => {
      socket.on('data', () => socket.write('-ERR\tunknown\r\ncommand'));
    });
    const outcome = await runToDeadline(dialogue(server.endpoint, ping, { timeoutMs: 100 }));
    const reason = 'step 2: expected "\\+PONG", got "-ERR unknown command" within 100 ms';
    assert.deepEqual(outcome, { up: false, reason });
    await server.closed(0);
  });

  it('is down at a silent server by its own limit, and leaves nothing behind', async (t) => {
    const server = await startTcpServer(t, () => {});
    const timers = runningTimers();
    const outcome = await runToDeadline(dialogue(server.endpoint, ping, { timeoutMs: 100 }));
    const reason = 'step 2: expected "\\+PONG", got nothing within 100 ms';
    assert.deepEqual(outcome, { up: false, reason });
    await server.closed(0);
    assert.ok(runningTimers() <= timers);
  });

  it('ends at the abort too', async (t) => {
    const server = await startTcpServer(t, () => {});
    const controller = new AbortController();
    const running = checkDialogueSteps(dialogue(server.endpoint, ping), controller);
    setTimeout(() => controller.abort(new Error('enough')), 30);
    await assert.rejects(running, /enough/);
    await server.closed(0);
  });

  it('is down when the server resets', async (t) => {
    const server = await startTcpServer(t, (socket) => {
      socket.on('data', () => socket.resetAndDestroy());
    });
    const outcome = await runToDeadline(dialogue(server.endpoint, ping));
    const reason = 'step 2: expected "\\+PONG", got nothing: connection reset by the server';
    assert.deepEqual(outcome, { up: false, reason });
  });

  it('is down when too much comes, and shows little of it', async (t) => {
    const server = await startTcpServer(t, (socket) => socket.write('a'.repeat(200_000)));
    const outcome = await runToDeadline(dialogue(server.endpoint, [{ expect: 'b' }]));
    const reason = `step 1: expected "b", got "${'a'.repeat(80)}...": more than 65536 bytes`;
    assert.deepEqual(outcome, { up: false, reason });
    await server.closed(0);
  });

  it('is down at garbage', async (t) => {
    for (let seed = 0; seed < 10; seed++) {
      const server = await startTcpServer(t, (socket) => socket.end(garbage(500, seed)));
      const { up, reason } = await runToDeadline(dialogue(server.endpoint, [{ expect: 'PONG' }]));
      assert.equal(up, false);
      assert.match(reason, /^step 1: expected "PONG", got "[^\p{Cc}]*", and/u);
    }
  });

  it('is up after a connection when there is no step, and after sending when there is no more', async (t) => {
    const server = await startLineServer(t, {});
    assert.deepEqual(await runToDeadline(dialogue(server.endpoint, [])), good);
    assert.deepEqual(await runToDeadline(dialogue(server.endpoint, [{ send: 'QUIT\n' }])), good);
    await server.closed(2);
    assert.deepEqual(server.lines, ['QUIT']);
    const refused = await runToDeadline(dialogue(await refusingEndpoint(), []));
    assert.deepEqual(refused, { up: false, reason: 'connection refused' });
  });

  it('says what is wrong with a pattern without asking anybody', async (t) => {
    const server = await startTcpServer(t, () => {});
    const steps = [{ send: 'x' }, { expect: 'a(' }];
    const { up, reason } = await runToDeadline(dialogue(server.endpoint, steps));
    assert.equal(up, false);
    assert.match(reason, /unterminated group/i);
    assert.equal(server.connections.length, 0);
  });
});

const tls: TlsSettings = { verify: 'none', sni: '', certWarnDays: 0 };
const trusted: TlsSettings = { ...tls, verify: 'ca', caFile: tlsFixture('ca.pem') };

describe('checkDialogueSteps over TLS', () => {
  it('speaks after the handshake, with the name it is told', async (t) => {
    const own = identity('trusted');
    const server = await startLineServer(t, { answer: () => '+PONG\r\n', tls: own });
    const settings = { ...trusted, sni: 'redis.example' };
    assert.deepEqual(await runToDeadline(dialogue(server.endpoint, ping, { tls: settings })), good);
    await server.closed(1);
    assert.deepEqual(server.lines, ['PING']);
    assert.deepEqual(server.serverNames, ['redis.example']);
    assert.deepEqual(server.errors, []);
  });

  it('warns of a certificate that ends soon', async (t) => {
    const own = identity('trusted');
    const server = await startLineServer(t, { answer: () => '+PONG\r\n', tls: own });
    const settings = { ...trusted, certWarnDays: 1_000_000 };
    const outcome = await runToDeadline(dialogue(server.endpoint, ping, { tls: settings }));
    assert.equal(outcome.up, true);
    assert.match(outcome.warning ?? '', /^certificate ends in \d+ days$/);
  });

  it('is down at a certificate that is not trusted, and at a server without TLS', async (t) => {
    const server = await startLineServer(t, { tls: identity('self-signed') });
    const refused = await runToDeadline(dialogue(server.endpoint, ping, { tls: trusted }));
    assert.equal(refused.up, false);
    assert.match(refused.reason, /^certificate not trusted: /);
    const plain = await startTcpServer(t, (socket) => socket.write('+PONG\r\n'));
    const outcome = await runToDeadline(dialogue(plain.endpoint, ping, { tls }));
    assert.match(outcome.reason, /^TLS handshake failed: /);
  });

  it('is down when the handshake never ends, or the server hangs up instead', async (t) => {
    const silent = await startTcpServer(t, () => {});
    const steps = dialogue(silent.endpoint, ping, { tls, timeoutMs: 100 });
    const reason = 'no connection within 100 ms';
    assert.deepEqual(await runToDeadline(steps), { up: false, reason });
    await silent.closed(0);
    const closing = await startTcpServer(t, (socket) => socket.end());
    const outcome = await runToDeadline(dialogue(closing.endpoint, [], { tls }));
    assert.equal(outcome.up, false);
    assert.doesNotMatch(outcome.reason, /within/);
  });
});

describe('checkDialogueSteps over UDP', () => {
  const udp = { transport: 'udp' } as const;

  for (const address of ['127.0.0.1', '::1']) {
    it(`sends datagrams to ${address} and searches those that come back`, async (t) => {
      const serve = (datagram: Buffer): Buffer =>
        Buffer.from(`<${datagram.toString('latin1')}>`, 'latin1');
      const server = await startUdpServer(t, (datagram, reply) => reply(serve(datagram)), address);
      const steps = [{ send: 'a\xff' }, { expect: '<a\\xff>' }, { send: 'b' }, { expect: '^<b>' }];
      assert.deepEqual(await runToDeadline(dialogue(server.endpoint, steps, udp)), good);
      assert.deepEqual(server.datagrams, [Buffer.from([0x61, 0xff]), Buffer.from('b')]);
      assert.equal(udpSocketsTo(server.endpoint.port), 0);
    });

    it(`is down when nobody listens at ${address}`, async () => {
      const outcome = await runToDeadline(dialogue(await refusingEndpoint(address), ping, udp));
      const reason = 'step 2: expected "\\+PONG", got nothing: connection refused';
      assert.deepEqual(outcome, { up: false, reason });
    });
  }

  it('goes out from the address it is told', async (t) => {
    const socket = await boundSocket(t, '127.0.0.1');
    socket.on('message', (_datagram, { address, port }) => socket.send(address, port, address));
    const { port } = socket.address();
    const target = { family: 'inet', address: '127.0.0.1', port, from: '127.0.0.3' } as const;
    const steps = [{ send: 'who am I?' }, { expect: '^127\\.0\\.0\\.3$' }];
    assert.deepEqual(await runToDeadline(dialogue(target, steps, udp)), good);
  });

  it('joins datagrams', async (t) => {
    const server = await startUdpServer(t, (_datagram, reply) => {
      for (const byte of '+PONG') reply(Buffer.from(byte));
    });
    assert.deepEqual(await runToDeadline(dialogue(server.endpoint, ping, udp)), good);
  });

  it('is down by its own limit at a server that is silent or sends rubbish', async (t) => {
    const silent = await startUdpServer(t, () => {});
    const timers = runningTimers();
    const steps = dialogue(silent.endpoint, ping, { ...udp, timeoutMs: 100 });
    const reason = 'step 2: expected "\\+PONG", got nothing within 100 ms';
    assert.deepEqual(await runToDeadline(steps), { up: false, reason });
    assert.equal(udpSocketsTo(silent.endpoint.port), 0);
    assert.ok(runningTimers() <= timers);
    const noisy = await startUdpServer(t, (_datagram, reply) => {
      for (let seed = 0; seed < 5; seed++) reply(garbage(30_000, seed));
    });
    const outcome = await runToDeadline(dialogue(noisy.endpoint, ping, { ...udp, timeoutMs: 100 }));
    assert.match(outcome.reason, /^step 2: expected "\\\+PONG", got ".*\.\.\." within 100 ms$/);
  });
});

function dialogue(
  target: CheckTarget,
  steps: readonly DialogueStep[],
  changes: Partial<DialogueCheck> = {},
): DialogueCheck {
  return { type: 'dialogue', transport: 'tcp', target, steps, timeoutMs: 5000, ...changes };
}
