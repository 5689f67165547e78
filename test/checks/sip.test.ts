import assert from 'node:assert/strict';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { describe, it, type TestContext } from 'node:test';
import type { CheckOutcome } from '../../src/checks/check.ts';
import { runCheck } from '../../src/checks/registry.ts';
import type { NegotiateCheck } from '../../src/config/check-model.ts';
import type { Endpoint } from '../../src/config/endpoint.ts';
import { startLineServer } from '../support/line-server.ts';
import { negotiateCheck } from '../support/negotiate-check.ts';
import { refusingEndpoint } from '../support/tcp-server.ts';

const login = 'ldirectord@host';
const good = { up: true, reason: 'SIP/2.0 200 OK' };

describe('the check of sip over UDP', () => {
  for (const [address, shown] of [
    ['127.0.0.1', '127.0.0.1'],
    ['::1', '[::1]'],
  ] as const) {
    it(`asks ${address} with OPTIONS`, async (t) => {
      const server = await startSip(t, () => 'SIP/2.0 200 OK\r\nCSeq: 1\r\n\r\n', address);
      assert.deepEqual(await ask('udp', server.endpoint, { login }), good);
      const [request = ''] = server.requests;
      const via = `${shown}:${server.clientPorts[0]}`;
      assert.deepEqual(readable(request), expectedRequest('UDP', via));
    });
  }

  it('is up without the empty line after the answer', async (t) => {
    const server = await startSip(t, () => 'SIP/2.0 200 OK');
    assert.deepEqual(await ask('udp', server.endpoint, { login }), good);
  });

  it('is never the same request twice', async (t) => {
    const server = await startSip(t, () => 'SIP/2.0 200 OK');
    await ask('udp', server.endpoint, { login });
    await ask('udp', server.endpoint, { login });
    for (const pattern of [/branch=(.*)/, /tag=(.*)/, /Call-ID: (.*)/]) {
      const [first, second] = server.requests.map((text) => pattern.exec(text)?.[1]);
      assert.ok(first);
      assert.notEqual(first, second);
    }
  });

  for (const [answer, reason] of [
    ['SIP/2.0 404 Not Found\r\n\r\n', 'SIP/2.0 404 Not Found'],
    ['SIP/3.0 200 OK', 'SIP/3.0 200 OK'],
    ['SIP/2.0 503 x\r\nSIP/2.0 200 OK\r\n\r\n', 'SIP/2.0 503 x'],
    ['hello', 'hello'],
    ['', 'an empty answer'],
  ] as const) {
    it(`is down when the answer is "${reason}"`, async (t) => {
      const server = await startSip(t, () => answer);
      assert.deepEqual(await ask('udp', server.endpoint, { login }), { up: false, reason });
    });
  }

  it('waits for the final answer after a provisional one', async (t) => {
    const server = await startSip(t, (respond) => {
      respond('SIP/2.0 100 Trying\r\n\r\n');
      return 'SIP/2.0 200 OK\r\n\r\n';
    });
    assert.deepEqual(await ask('udp', server.endpoint, { login }), good);
  });

  it('sends the same again when it was lost', async (t) => {
    let count = 0;
    const server = await startSip(t, () => (++count < 2 ? undefined : 'SIP/2.0 200 OK'));
    assert.deepEqual(await ask('udp', server.endpoint, { login }), good);
    assert.equal(server.requests.length, 2);
    assert.equal(server.requests[0], server.requests[1]);
  });

  it('is down at the deadline when there is no answer', async (t) => {
    const server = await startSip(t, () => undefined);
    const outcome = await ask('udp', server.endpoint, { login, timeoutMs: 150 });
    assert.deepEqual(outcome, { up: false, reason: 'no answer within 150 ms' });
  });

  it('is down at once when the port is closed', async () => {
    const outcome = await ask('udp', await refusingEndpoint(), { login });
    assert.deepEqual(outcome, { up: false, reason: 'connection refused' });
  });

  it('asks for the server itself without a login', async (t) => {
    for (const [address, uri] of [
      ['127.0.0.1', 'sip:127.0.0.1'],
      ['::1', 'sip:[::1]'],
    ] as const) {
      const server = await startSip(t, () => 'SIP/2.0 200 OK', address);
      await ask('udp', server.endpoint);
      assert.ok(server.requests[0]?.startsWith(`OPTIONS ${uri} SIP/2.0\r\n`));
    }
  });

  it('refuses a login that would be more than one line', async () => {
    for (const protocol of ['tcp', 'udp'] as const) {
      const outcome = await ask(protocol, await refusingEndpoint(), { login: 'a\r\nTo: b' });
      const reason = 'login: expected one line, got a line break or NUL in it';
      assert.deepEqual(outcome, { up: false, reason });
    }
  });
});

describe('the check of sip over TCP', () => {
  for (const [address, shown] of [
    ['127.0.0.1', '127.0.0.1'],
    ['::1', '[::1]'],
  ] as const) {
    it(`asks ${address} with OPTIONS and names TCP`, async (t) => {
      let client = '';
      const server = await startLineServer(t, {
        address,
        answer(line, socket) {
          client = `${shown}:${socket.remotePort}`;
          return line === '' ? 'SIP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n' : undefined;
        },
      });
      assert.deepEqual(await ask('tcp', server.endpoint, { login }), good);
      await server.closed(1);
      const request = `${server.lines.join('\r\n')}\r\n`;
      assert.deepEqual(readable(request), expectedRequest('TCP', client));
      assert.deepEqual(server.errors, []);
    });
  }

  it('waits for the final answer after a provisional one', async (t) => {
    const greeting = 'SIP/2.0 100 Trying\r\nVia: x\r\n\r\nSIP/2.0 200 OK\r\n\r\n';
    const server = await startLineServer(t, { greeting });
    assert.deepEqual(await ask('tcp', server.endpoint, { login }), good);
  });

  for (const [greeting, reason] of [
    ['SIP/2.0 404 Not Found\r\n\r\n', 'SIP/2.0 404 Not Found'],
    ['220 mail\r\n', '220 mail'],
    ['x'.repeat(200_000), 'the answer has a line without end'],
  ] as const) {
    it(`is down when the answer is "${greeting.slice(0, 21).trim()}"`, async (t) => {
      const server = await startLineServer(t, { greeting });
      assert.deepEqual(await ask('tcp', server.endpoint, { login }), { up: false, reason });
    });
  }

  it('is down when the server closes, or the port is closed', async (t) => {
    const server = await startLineServer(t, {
      answer: (_line, socket) => void socket.end(),
    });
    const outcome = await ask('tcp', server.endpoint, { login });
    assert.deepEqual(outcome, { up: false, reason: 'connection closed without an answer' });
    const refused = await ask('tcp', await refusingEndpoint(), { login });
    assert.deepEqual(refused, { up: false, reason: 'connection refused' });
  });

  for (const greeting of ['', 'SIP/2.0 200', 'SIP/2.0 100 Trying\r\n\r\n']) {
    it(`is down at the deadline after "${greeting.trim()}"`, async (t) => {
      const server = await startLineServer(t, { greeting });
      const outcome = await ask('tcp', server.endpoint, { login, timeoutMs: 150 });
      assert.deepEqual(outcome, { up: false, reason: 'no answer within 150 ms' });
      await server.closed(1);
    });
  }
});

/** The whole request, with the random words as "*". */
function readable(request: string): readonly string[] {
  return request.replaceAll(/[0-9a-f]{16}/g, '*').split('\r\n');
}

function expectedRequest(transport: string, via: string): readonly string[] {
  return [
    'OPTIONS sip:ldirectord@host SIP/2.0',
    `Via: SIP/2.0/${transport} ${via};branch=z9hG4bK*`,
    'Max-Forwards: 70',
    'To: <sip:ldirectord@host>',
    'From: <sip:ldirectord@host>;tag=*',
    'Call-ID: *',
    'CSeq: 63104 OPTIONS',
    'Contact: <sip:ldirectord@host>',
    'Accept: application/sdp',
    'Content-Length: 0',
    '',
    '',
  ];
}

function ask(
  protocol: 'tcp' | 'udp',
  target: Endpoint,
  changes: Partial<NegotiateCheck> = {},
): Promise<CheckOutcome> {
  const definition = negotiateCheck(target, { service: 'sip', protocol, ...changes });
  return runCheck(definition, { signal: AbortSignal.timeout(definition.timeoutMs) });
}

interface SipServer {
  readonly endpoint: Endpoint;
  readonly requests: readonly string[];
  readonly clientPorts: readonly number[];
}

async function startSip(
  t: TestContext,
  answer: (respond: (text: string) => void) => string | undefined,
  address = '127.0.0.1',
): Promise<SipServer> {
  const requests: string[] = [];
  const clientPorts: number[] = [];
  const family = address.includes(':') ? 'inet6' : 'inet';
  const socket: Socket = createSocket(family === 'inet6' ? 'udp6' : 'udp4');
  socket.on('message', (message, from) => {
    requests.push(message.toString('latin1'));
    clientPorts.push(from.port);
    const respond = (text: string): void => socket.send(text, from.port, from.address);
    const text = answer(respond);
    if (text !== undefined) respond(text);
  });
  socket.bind(0, address);
  await once(socket, 'listening');
  t.after(() => socket.close());
  return { endpoint: { family, address, port: socket.address().port }, requests, clientPorts };
}
