import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CheckOutcome } from '../../src/checks/check.ts';
import { httpCheck } from '../../src/checks/http.ts';
import type { NegotiateCheck } from '../../src/config/check-model.ts';
import type { Endpoint } from '../../src/config/endpoint.ts';
import { startHttpServer } from '../support/http-server.ts';
import { negotiateCheck } from '../support/negotiate-check.ts';
import { startTcpServer } from '../support/tcp-server.ts';
import { identity, trustTestAuthority } from '../support/tls-identity.ts';

trustTestAuthority();

const trusted = identity('trusted');
const selfSigned = identity('self-signed');

describe('httpCheck over TLS', () => {
  for (const address of ['127.0.0.1', '::1']) {
    it(`is up with a chain of a trusted authority at ${address}, whatever its name`, async (t) => {
      const server = await startHttpServer(t, page, { tls: trusted, address });
      const outcome = await check(server.endpoint, { receive: 'Test Page' });
      assert.deepEqual(outcome, { up: true, reason: '200 OK' });
      await server.allClosed();
      assert.deepEqual(server.socketErrors, []);
    });
  }

  it('is down with a certificate that nobody vouches for', async (t) => {
    const server = await startHttpServer(t, page, { tls: selfSigned });
    const outcome = await check(server.endpoint);
    assert.deepEqual(outcome, {
      up: false,
      reason: 'certificate not trusted: self-signed certificate',
    });
    assert.equal(server.requests.length, 0);
  });

  it('sends the virtualhost as Host and no server name indication', async (t) => {
    const names: unknown[] = [];
    const options = { tls: trusted, onServerName: (name: unknown) => void names.push(name) };
    const server = await startHttpServer(t, page, options);
    assert.equal((await check(server.endpoint, { virtualhost: 'www.x.y.z' })).up, true);
    assert.deepEqual(names, [false]);
    assert.equal(server.requests[0]?.headers[0], 'Host: www.x.y.z');
  });

  it('indicates the name that a redirect leads to', async (t) => {
    const names: unknown[] = [];
    const options = { tls: trusted, onServerName: (name: unknown) => void names.push(name) };
    const other = await startHttpServer(t, page, options);
    const server = await startHttpServer(t, (_request, response) => {
      response.writeHead(301, { Location: `https://localhost:${other.endpoint.port}/` });
      response.end();
    });
    const outcome = await check(server.endpoint, { service: 'http', receive: 'Test Page' });
    assert.deepEqual(outcome, { up: true, reason: '200 OK' });
    assert.deepEqual(names, ['localhost']);
  });

  it('says so when the server does not speak TLS', async (t) => {
    const server = await startTcpServer(t, (socket) =>
      socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'),
    );
    const outcome = await check(server.endpoint);
    assert.equal(outcome.up, false);
    assert.match(outcome.reason, /^TLS handshake failed: wrong version number$/);
  });

  it('says so when the server hangs up', async (t) => {
    const server = await startTcpServer(t, (socket) => socket.end());
    const outcome = await check(server.endpoint);
    assert.equal(outcome.up, false);
    assert.match(outcome.reason, /^connection (closed|reset)/);
  });
});

function check(target: Endpoint, changes: Partial<NegotiateCheck> = {}): Promise<CheckOutcome> {
  const definition = negotiateCheck(target, { service: 'https', ...changes });
  return httpCheck('ipvsd/test')(definition, { signal: new AbortController().signal });
}

function page(_request: unknown, response: { end(text: string): void }): void {
  response.end('Test Page');
}
