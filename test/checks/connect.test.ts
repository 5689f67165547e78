import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { describe, it } from 'node:test';
import { checkConnect } from '../../src/checks/connect.ts';
import type { ConnectCheck, Endpoint } from '../../src/config/model.ts';
import { refusingEndpoint, startTcpServer } from '../support/tcp-server.ts';

const never = new AbortController().signal;

describe('checkConnect', () => {
  for (const address of ['127.0.0.1', '::1']) {
    it(`is up when ${address} accepts`, async (t) => {
      const server = await startTcpServer(t, () => {}, address);
      assert.deepEqual(await check(server.endpoint), { up: true, reason: 'connected' });
    });

    it(`is down when ${address} refuses`, async () => {
      const outcome = await check(await refusingEndpoint(address));
      assert.deepEqual(outcome, { up: false, reason: 'connection refused' });
    });
  }

  it('ends with FIN at a server that says nothing', async (t) => {
    const server = await startTcpServer(t, () => {});
    await check(server.endpoint);
    assert.deepEqual(await server.closed(0), { ended: true, received: '' });
  });

  it('ends with FIN at a server that greets', async (t) => {
    const server = await startTcpServer(t, (socket) => socket.write('220 hello\r\n'));
    await check(server.endpoint);
    assert.deepEqual(await server.closed(0), { ended: true, received: '' });
  });

  it('ends with FIN at a server that greets late, after it saw the FIN', async (t) => {
    const server = await startTcpServer(t, (socket) => {
      socket.on('end', () => setTimeout(() => socket.end('220 hello\r\n'), 50));
      socket.allowHalfOpen = true;
    });
    await check(server.endpoint);
    assert.deepEqual(await server.closed(0), { ended: true, received: '' });
  });

  it('ends with FIN at a server that sends much', async (t) => {
    const server = await startTcpServer(t, (socket) => socket.write(Buffer.alloc(4 * 1024 * 1024)));
    await check(server.endpoint);
    assert.deepEqual(await server.closed(0), { ended: true, received: '' });
  });

  it('survives a server that resets at once', async (t) => {
    const server = await startTcpServer(t, (socket) => socket.resetAndDestroy());
    const outcome = await check(server.endpoint);
    assert.equal(typeof outcome.up, 'boolean');
    await server.closed(0);
  });

  it('does not hold the result back until the server closes', async (t) => {
    const open: Socket[] = [];
    const server = await startTcpServer(t, (socket) => {
      socket.allowHalfOpen = true;
      open.push(socket);
    });
    assert.equal((await check(server.endpoint)).up, true);
    assert.equal(open[0]?.readyState === 'closed', false);
  });

  it('gives up at the abort while it lingers', async (t) => {
    const server = await startTcpServer(t, (socket) => {
      socket.allowHalfOpen = true;
    });
    const controller = new AbortController();
    await checkConnect(definition(server.endpoint), { signal: controller.signal });
    controller.abort();
    controller.abort();
  });

  it('rejects at the abort while it connects', async () => {
    // TEST-NET-1 (RFC 5737) answers nobody; where there is no route to it the check fails sooner.
    const controller = new AbortController();
    const target: Endpoint = { family: 'inet', address: '192.0.2.1', port: 9 };
    const running = checkConnect(definition(target), { signal: controller.signal });
    controller.abort(new Error('enough'));
    await assert.rejects(running, /enough/);
  });

  it('does not begin when it is aborted already', async () => {
    await assert.rejects(
      checkConnect(definition({ family: 'inet', address: '127.0.0.1', port: 9 }), {
        signal: AbortSignal.abort(new Error('too late')),
      }),
      /too late/,
    );
  });
});

function check(target: Endpoint): ReturnType<typeof checkConnect> {
  return checkConnect(definition(target), { signal: never });
}

function definition(target: Endpoint): ConnectCheck {
  return { type: 'connect', target, timeoutMs: 5000 };
}
