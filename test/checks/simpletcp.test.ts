import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { describe, it, type TestContext } from 'node:test';
import { checkSimpleTcp } from '../../src/checks/simpletcp.ts';
import type { Endpoint } from '../../src/config/endpoint.ts';
import { negotiateCheck } from '../support/negotiate-check.ts';
import { refusingEndpoint, startTcpServer, type TestServer } from '../support/tcp-server.ts';

const context = { signal: new AbortController().signal };
const mismatch = { up: false, reason: 'answered, but "receive" does not match' };
const match = { up: true, reason: 'answered as expected' };

describe('checkSimpleTcp over TCP', () => {
  it('sends the request, closes its side, and is up on a matching line', async (t) => {
    const server = await startAnswering(t, 'first\nPONG\nlast\n');
    const outcome = await ask(server.endpoint, '/PING\\n\\r', '^PONG$');
    assert.deepEqual(outcome, match);
    const { received, ended, error } = await server.closed(0);
    assert.deepEqual(
      { received, ended, error },
      { received: 'PING\n\\r', ended: true, error: undefined },
    );
  });

  it('does not match across lines', async (t) => {
    const server = await startAnswering(t, 'one\ntwo\n');
    assert.deepEqual(await ask(server.endpoint, '/', '(?s)one.two'), mismatch);
  });

  it('takes what follows the last newline for a line', async (t) => {
    const server = await startAnswering(t, 'one\ntwo');
    assert.deepEqual(await ask(server.endpoint, '/', 'two'), match);
  });

  it('is content with any line without receive, but not with none', async (t) => {
    assert.deepEqual(await ask((await startAnswering(t, '\n')).endpoint, '/', ''), match);
    const outcome = await ask((await startAnswering(t, '')).endpoint, '/', '');
    assert.deepEqual(outcome, { up: false, reason: 'connection closed without an answer' });
  });

  it('rejects when the connection is refused', async () => {
    await assert.rejects(ask(await refusingEndpoint(), '/', ''), { code: 'ECONNREFUSED' });
  });
});

describe('checkSimpleTcp over UDP', () => {
  for (const address of ['127.0.0.1', '::1']) {
    it(`sends one datagram to ${address} and searches the answer`, async (t) => {
      const endpoint = await startUdp(t, address);
      assert.deepEqual(await ask(endpoint, '/ping\\n', '^PING$', 'udp'), match);
    });
  }

  it('rejects when the port is closed', async () => {
    await assert.rejects(ask(await refusingEndpoint(), '/x', '', 'udp'), { code: 'ECONNREFUSED' });
  });

  it('waits for a better answer until the abort', async (t) => {
    const endpoint = await startUdp(t, '127.0.0.1');
    const controller = new AbortController();
    const definition = {
      protocol: 'udp',
      service: 'simpletcp',
      request: '/x',
      receive: 'y',
    } as const;
    const running = checkSimpleTcp(negotiateCheck(endpoint, definition), controller);
    setTimeout(() => controller.abort(new Error('enough')), 50);
    await assert.rejects(running, /enough/);
  });
});

function ask(
  target: Endpoint,
  request: string,
  receive: string,
  protocol: 'tcp' | 'udp' = 'tcp',
): ReturnType<typeof checkSimpleTcp> {
  const changes = { service: 'simpletcp', request, receive, protocol } as const;
  return checkSimpleTcp(negotiateCheck(target, changes), context);
}

/** Answers when the client has closed its side, and not before. */
function startAnswering(t: TestContext, answer: string): Promise<TestServer> {
  return startTcpServer(t, (socket) => {
    socket.allowHalfOpen = true;
    socket.on('end', () => socket.end(answer));
  });
}

/** Answers in capital letters. */
async function startUdp(t: TestContext, address: string): Promise<Endpoint> {
  const family = address.includes(':') ? 'inet6' : 'inet';
  const socket = createSocket(family === 'inet6' ? 'udp6' : 'udp4');
  socket.on('message', (datagram, from) => {
    socket.send(datagram.toString().toUpperCase(), from.port, from.address);
  });
  socket.bind(0, address);
  await once(socket, 'listening');
  t.after(() => socket.close());
  return { family, address, port: socket.address().port };
}
