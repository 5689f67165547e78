import assert from 'node:assert/strict';
import type { RequestListener } from 'node:http';
import { describe, it } from 'node:test';
import type { CheckOutcome } from '../../src/checks/check.ts';
import { httpCheck } from '../../src/checks/http.ts';
import type { NegotiateCheck } from '../../src/config/check-model.ts';
import type { Endpoint } from '../../src/config/endpoint.ts';
import { startHttpServer } from '../support/http-server.ts';
import { negotiateCheck } from '../support/negotiate-check.ts';
import { refusingEndpoint, startTcpServer } from '../support/tcp-server.ts';

const up: CheckOutcome = { up: true, reason: '200 OK' };
const mismatch: CheckOutcome = { up: false, reason: '200 OK, but "receive" does not match' };

describe('httpCheck: what it sends', () => {
  it('asks for the request with a Host of the bare address', async (t) => {
    const server = await startHttpServer(t, page('hello'));
    assert.deepEqual(await check(server.endpoint, { request: '/index.html' }), up);
    assert.deepEqual(server.requests, [
      {
        line: 'GET /index.html HTTP/1.1',
        headers: ['Host: 127.0.0.1', 'User-Agent: ipvsd/test', 'Connection: close'],
      },
    ]);
  });

  it('puts an IPv6 address in brackets', async (t) => {
    const server = await startHttpServer(t, page('hello'), { address: '::1' });
    assert.deepEqual(await check(server.endpoint), up);
    assert.equal(server.requests[0]?.headers[0], 'Host: [::1]');
  });

  it('sends the virtualhost as Host', async (t) => {
    const server = await startHttpServer(t, page('hello'));
    await check(server.endpoint, { virtualhost: 'www.x.y.z' });
    assert.equal(server.requests[0]?.headers[0], 'Host: www.x.y.z');
  });

  const targets: readonly [request: string, line: string][] = [
    ['/a b?c=d e', '/a%20b?c=d%20e'],
    ['/%41%20', '/%41%20'],
    ['/ü<">', '/%C3%BC%3C%22%3E'],
    ['/../up/./', '/../up/./'],
    ['//two', '//two'],
    ['/http://elsewhere.example/x', '/http://elsewhere.example/x'],
    ['relative', '/relative'],
  ];
  for (const [request, target] of targets) {
    it(`writes the request "${request}" as ${target}`, async (t) => {
      const server = await startHttpServer(t, page('hello'));
      assert.deepEqual(await check(server.endpoint, { request }), up);
      assert.equal(server.requests[0]?.line, `GET ${target} HTTP/1.1`);
    });
  }

  it('goes where an absolute request says, with the Host of the check', async (t) => {
    const server = await startHttpServer(t, page('hello'));
    const request = `http://127.0.0.1:${server.endpoint.port}/there`;
    assert.deepEqual(await check(await refusingEndpoint(), { request, virtualhost: 'w.x' }), up);
    assert.equal(server.requests[0]?.line, 'GET /there HTTP/1.1');
    assert.equal(server.requests[0]?.headers[0], 'Host: w.x');
  });

  it('asks a proxy for the absolute URL', async (t) => {
    const server = await startHttpServer(t, page('hello'));
    const changes = { service: 'http_proxy', virtualhost: 'unused' } as const;
    const request = '/http://www.example.com:8080/x y';
    assert.deepEqual(await check(server.endpoint, { ...changes, request }), up);
    assert.equal(server.requests[0]?.line, 'GET http://www.example.com:8080/x%20y HTTP/1.1');
    assert.equal(server.requests[0]?.headers[0], 'Host: www.example.com:8080');
    await assert.rejects(
      check(server.endpoint, { ...changes, request: '/relative' }),
      /request: expected an absolute http:\/\/ URL for a proxy, got "relative"/,
    );
  });
});

describe('httpCheck: the status', () => {
  const statuses: readonly [code: number, outcome: CheckOutcome][] = [
    [200, up],
    [204, { up: true, reason: '204 No Content' }],
    [299, { up: true, reason: '299 unknown' }],
    [304, { up: false, reason: '304 Not Modified' }],
    [401, { up: false, reason: '401 Unauthorized' }],
    [404, { up: false, reason: '404 Not Found' }],
    [503, { up: false, reason: '503 Service Unavailable' }],
  ];
  for (const [code, outcome] of statuses) {
    it(`${code} is ${outcome.up ? 'up' : 'down'}`, async (t) => {
      const server = await startHttpServer(t, (_request, response) => {
        response.writeHead(code);
        response.end();
      });
      assert.deepEqual(await check(server.endpoint), outcome);
    });
  }

  it('keeps a hostile status text to one harmless line', async (t) => {
    const text = `\x1b[31m${'x'.repeat(1000)}`;
    const server = await startTcpServer(t, (socket) => socket.end(`HTTP/1.1 500 ${text}\r\n\r\n`));
    const { reason } = await check(server.endpoint);
    assert.match(reason, /^500 \[31mx{190,}\.\.\.$/);
  });
});

describe('httpCheck: receive', () => {
  it('looks for the expression in the body', async (t) => {
    const server = await startHttpServer(t, page('<h1>Test Page</h1>\n'));
    assert.deepEqual(await check(server.endpoint, { receive: 'Test Page' }), up);
    assert.deepEqual(await check(server.endpoint, { receive: 'T[a-z]+ +P' }), up);
    assert.deepEqual(await check(server.endpoint, { receive: 'Other Page' }), mismatch);
  });

  it('does not look at the body of an error', async (t) => {
    const server = await startHttpServer(t, page('Test Page', 500));
    const outcome = await check(server.endpoint, { receive: 'Test Page' });
    assert.deepEqual(outcome, { up: false, reason: '500 Internal Server Error' });
  });

  it('finds no text in the answer to HEAD', async (t) => {
    const server = await startHttpServer(t, page('Test Page'));
    assert.deepEqual(await check(server.endpoint, { httpMethod: 'HEAD' }), up);
    const outcome = await check(server.endpoint, { httpMethod: 'HEAD', receive: 'Test' });
    assert.deepEqual(outcome, mismatch);
    assert.equal(server.requests[0]?.line, 'HEAD / HTTP/1.1');
  });

  it('reads no more than a megabyte', async (t) => {
    const server = await startHttpServer(t, (_request, response) => {
      response.write('start');
      response.end(Buffer.alloc(8 * 1024 * 1024, 'x'));
    });
    assert.deepEqual(await check(server.endpoint, { receive: '^start' }), up);
    const outcome = await check(server.endpoint, { receive: 'nowhere' });
    assert.match(outcome.reason, /does not match in the first 1048576 bytes$/);
  });

  it('matches what came when the answer ends early', async (t) => {
    const server = await startTcpServer(t, (socket) => {
      socket.end('HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf a page');
    });
    assert.deepEqual(await check(server.endpoint, { receive: 'half' }), up);
    const outcome = await check(server.endpoint, { receive: 'whole' });
    assert.match(
      outcome.reason,
      /^200 OK, but "receive" does not match, and the answer ended early/,
    );
  });

  it('rejects an expression that is none', async (t) => {
    const server = await startHttpServer(t, page('Test Page'));
    await assert.rejects(check(server.endpoint, { receive: 'a(' }), SyntaxError);
  });
});

describe('httpCheck: redirects', () => {
  for (const code of [301, 302, 303, 307, 308]) {
    it(`follows ${code}`, async (t) => {
      const server = await startHttpServer(t, (request, response) => {
        if (request.url === '/') response.writeHead(code, { Location: 'there' });
        response.end('Test Page');
      });
      assert.deepEqual(await check(server.endpoint, { receive: 'Test Page' }), up);
      assert.deepEqual(
        server.requests.map((request) => request.line),
        ['GET / HTTP/1.1', 'GET /there HTTP/1.1'],
      );
    });
  }

  it('follows to another server, without the virtualhost', async (t) => {
    const other = await startHttpServer(t, page('elsewhere'));
    const server = await startHttpServer(t, (_request, response) => {
      response.writeHead(302, { Location: `http://localhost:${other.endpoint.port}/x?y#z` });
      response.end();
    });
    const wish = { receive: 'elsewhere', virtualhost: 'www.x.y.z' };
    assert.deepEqual(await check(server.endpoint, wish), up);
    assert.equal(other.requests[0]?.line, 'GET /x?y HTTP/1.1');
    assert.equal(other.requests[0]?.headers[0], `Host: localhost:${other.endpoint.port}`);
  });

  it('keeps HEAD a HEAD', async (t) => {
    const server = await startHttpServer(t, countdown(1));
    assert.deepEqual(await check(server.endpoint, { request: '/1', httpMethod: 'HEAD' }), up);
    assert.equal(server.requests[1]?.line, 'HEAD /0 HTTP/1.1');
  });

  it('follows seven, and not eight', async (t) => {
    const server = await startHttpServer(t, countdown(8));
    assert.deepEqual(await check(server.endpoint, { request: '/7' }), up);
    assert.equal(server.requests.length, 8);
    const outcome = await check(server.endpoint, { request: '/8' });
    assert.deepEqual(outcome, { up: false, reason: '302 Found, more than 7 redirects' });
    assert.equal(server.requests.length, 16);
  });

  it('does not follow what is not http', async (t) => {
    const server = await startHttpServer(t, (_request, response) => {
      response.writeHead(302, { Location: 'ftp://example.com/' });
      response.end();
    });
    const outcome = await check(server.endpoint);
    assert.deepEqual(outcome, {
      up: false,
      reason: '302 Found, cannot follow "ftp://example.com/"',
    });
  });

  it('takes a redirect without Location for the answer', async (t) => {
    const server = await startHttpServer(t, page('', 302));
    assert.deepEqual(await check(server.endpoint), { up: false, reason: '302 Found' });
  });
});

describe('httpCheck: no answer', () => {
  it('says that the connection was refused', async () => {
    const outcome = await check(await refusingEndpoint());
    assert.deepEqual(outcome, { up: false, reason: 'connection refused' });
  });

  it('says that the server closed or reset', async (t) => {
    const closing = await startTcpServer(t, (socket) => socket.end());
    const outcome = await check(closing.endpoint);
    assert.deepEqual(outcome, { up: false, reason: 'connection closed without an answer' });
    const resetting = await startTcpServer(t, (socket) =>
      socket.once('data', () => socket.resetAndDestroy()),
    );
    const reset = await check(resetting.endpoint);
    assert.deepEqual(reset, { up: false, reason: 'connection reset by the server' });
  });

  it('says that the answer is not HTTP', async (t) => {
    const server = await startTcpServer(t, (socket) => socket.end('220 smtp.example.com\r\n'));
    const { up: isUp, reason } = await check(server.endpoint);
    assert.equal(isUp, false);
    assert.match(reason, /^not an HTTP answer: /);
  });

  it('ends at the abort while a silent server keeps it waiting', async (t) => {
    const server = await startTcpServer(t, () => {});
    const controller = new AbortController();
    const running = check(server.endpoint, {}, controller.signal);
    setTimeout(() => controller.abort(new Error('enough')), 50);
    assert.equal((await settled(running)).up, false);
    await server.closed(0);
  });

  it('ends at the abort while a page drips', async (t) => {
    const server = await startHttpServer(t, (_request, response) => {
      const drip = setInterval(() => response.write('x'), 5);
      response.on('close', () => clearInterval(drip));
    });
    const controller = new AbortController();
    const running = check(server.endpoint, { receive: 'y' }, controller.signal);
    setTimeout(() => controller.abort(new Error('enough')), 50);
    assert.equal((await settled(running)).up, false);
    await server.allClosed();
  });
});

describe('httpCheck: the end of its connection', () => {
  for (const receive of ['x', '']) {
    it(`is a FIN after a page that was ${receive === '' ? 'not wanted' : 'read'}`, async (t) => {
      // Leaves the end to the client, so that it sees what kind of end it is.
      const body = 'x'.repeat(200_000);
      const server = await startTcpServer(t, (socket) => {
        socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
      });
      assert.deepEqual(await check(server.endpoint, { receive }), up);
      const { ended, error } = await server.closed(0);
      assert.deepEqual({ ended, error }, { ended: true, error: undefined });
    });
  }

  it('does not wait for a body without receive', async (t) => {
    const server = await startHttpServer(t, (_request, response) => {
      response.writeHead(200);
      response.write('and then nothing');
    });
    assert.deepEqual(await check(server.endpoint), up);
    await server.allClosed();
  });
});

function check(
  target: Endpoint,
  changes: Partial<NegotiateCheck> = {},
  signal: AbortSignal = new AbortController().signal,
): Promise<CheckOutcome> {
  return httpCheck('ipvsd/test')(negotiateCheck(target, changes), { signal });
}

/** A rejection counts as down. */
function settled(running: Promise<CheckOutcome>): Promise<CheckOutcome> {
  return running.catch((error: unknown) => ({ up: false, reason: String(error) }));
}

function page(text: string, status = 200): RequestListener {
  return (_request, response) => {
    response.writeHead(status);
    response.end(text);
  };
}

/** /3 leads to /2, that to /1, and so on to /0. */
function countdown(from: number): RequestListener {
  return (request, response) => {
    const left = Number(request.url?.slice(1) ?? from);
    if (left > 0) response.writeHead(302, { Location: `/${left - 1}` });
    response.end('done');
  };
}
