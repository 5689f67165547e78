import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { describe, it } from 'node:test';
import type { CheckOutcome } from '../../src/checks/check.ts';
import { checkConnect } from '../../src/checks/connect.ts';
import type { ConnectCheck } from '../../src/config/check-model.ts';
import type { TlsSettings } from '../../src/config/check-target.ts';
import type { Endpoint } from '../../src/config/endpoint.ts';
import { startLineServer } from '../support/line-server.ts';
import { runToDeadline } from '../support/run-to-deadline.ts';
import { refusingEndpoint, startTcpServer } from '../support/tcp-server.ts';
import { identity, tlsFixture } from '../support/tls-identity.ts';

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

const tls: TlsSettings = { verify: 'none', sni: '', certWarnDays: 0 };
const trusted: TlsSettings = { ...tls, verify: 'ca', caFile: tlsFixture('ca.pem') };

describe('checkConnect over TLS', () => {
  it('is up after the handshake, and ends in good order', async (t) => {
    const server = await startLineServer(t, { tls: identity('trusted'), greeting: 'hello' });
    const settings = { ...trusted, sni: 'mail.example' };
    const outcome = await checkTls(server.endpoint, settings);
    assert.deepEqual(outcome, { up: true, reason: 'connected' });
    await server.closed(1);
    assert.deepEqual([server.serverNames, server.errors], [['mail.example'], []]);
  });

  it('looks at the certificate as it is told to', async (t) => {
    const server = await startLineServer(t, { tls: identity('self-signed') });
    assert.equal((await checkTls(server.endpoint, tls)).up, true);
    const refused = await checkTls(server.endpoint, trusted);
    assert.equal(refused.up, false);
    assert.match(refused.reason, /^certificate not trusted: /);
    const other = await startLineServer(t, { tls: identity('trusted') });
    const name = { ...trusted, verify: 'full', sni: 'other.example' } as const;
    assert.match((await checkTls(other.endpoint, name)).reason, /^certificate not trusted: /);
    const { warning } = await checkTls(other.endpoint, { ...trusted, certWarnDays: 1_000_000 });
    assert.match(warning ?? '', /^certificate ends in/);
  });

  it('is down at servers that speak no TLS, hang up, refuse, or are silent', async (t) => {
    const plain = await startTcpServer(t, (socket) => socket.write('220 hello\r\n'));
    assert.match((await checkTls(plain.endpoint, tls)).reason, /^TLS handshake failed: /);
    const closing = await startTcpServer(t, (socket) => socket.end());
    assert.equal((await checkTls(closing.endpoint, tls)).up, false);
    const refused = await checkTls(await refusingEndpoint(), tls);
    assert.deepEqual(refused, { up: false, reason: 'connection refused' });
    const silent = await startTcpServer(t, () => {});
    const outcome = await runToDeadline({ ...definition(silent.endpoint), tls, timeoutMs: 100 });
    assert.deepEqual(outcome, { up: false, reason: 'no answer within 100 ms' });
    await silent.closed(0);
  });

  it('gives no verdict when a file of ours is missing', async (t) => {
    const server = await startLineServer(t, { tls: identity('trusted') });
    const outcome = await checkTls(server.endpoint, { ...tls, caFile: '/nowhere/ca.pem' });
    assert.equal(outcome.inconclusive, true);
  });
});

function checkTls(target: Endpoint, settings: TlsSettings): Promise<CheckOutcome> {
  return runToDeadline({ ...definition(target), tls: settings });
}

function check(target: Endpoint): ReturnType<typeof checkConnect> {
  return checkConnect(definition(target), { signal: never });
}

function definition(target: Endpoint): ConnectCheck {
  return { type: 'connect', target, timeoutMs: 5000 };
}
