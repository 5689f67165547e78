import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it, type TestContext } from 'node:test';
import type { CheckOutcome } from '../../../src/checks/check.ts';
import { checkHttpGet } from '../../../src/checks/http-get/check.ts';
import type { HttpGetCheck, HttpUrl } from '../../../src/config/block-checks.ts';
import type { Endpoint } from '../../../src/config/endpoint.ts';
import { type Segments, segmentServer } from '../../support/segment-server.ts';
import { refusingEndpoint } from '../../support/tcp-server.ts';
import { tlsFixture, trustTestAuthority } from '../../support/tls-identity.ts';

trustTestAuthority();

const body = 'hello world\n';
const md5 = { algorithm: 'md5', hex: '6f5902ac237024bdd0c176cb93063dc4' } as const;
const whole = `HTTP/1.0 200 OK\r\nContent-Length: 12\r\n\r\n${body}`;
const never = new AbortController().signal;

const url = (changes: Partial<HttpUrl> = {}): HttpUrl => ({
  path: '/',
  host: '',
  statuses: [[200, 299]],
  regex: '',
  regexNoMatch: false,
  ...changes,
});

function check(
  target: Endpoint & { readonly from?: string },
  urls: readonly Partial<HttpUrl>[],
  changes: Partial<HttpGetCheck> = {},
  signal = never,
): Promise<CheckOutcome> {
  const definition = { type: 'http-get', protocol: '1.0', timeoutMs: 5000 } as const;
  return checkHttpGet({ ...definition, target, urls: urls.map(url), ...changes }, { signal });
}

/** The outcome of one url at a server that says this. */
async function outcome(
  t: TestContext,
  said: string | Segments,
  changes: Partial<HttpUrl> = {},
): Promise<CheckOutcome> {
  const answer = typeof said === 'string' ? { segments: [said] } : said;
  return check((await segmentServer(t, answer)).endpoint, [changes]);
}

describe('checkHttpGet', () => {
  it('is up when status, digest and pattern are as wanted', async (t) => {
    assert.deepEqual(await outcome(t, whole), { up: true, reason: '200 OK' });
    const good = { digest: md5, regex: 'w.rld' };
    assert.deepEqual(await outcome(t, whole, good), { up: true, reason: '200 OK' });
    const sha256 = {
      algorithm: 'sha256',
      hex: createHash('sha256').update(body).digest('hex'),
    } as const;
    assert.equal((await outcome(t, whole, { digest: sha256 })).up, true);
    assert.equal((await outcome(t, whole, { digest: { ...sha256, hex: md5.hex } })).up, false);
  });

  it('counts only the listed codes as good', async (t) => {
    const teapot = "HTTP/1.1 418 I'm a teapot\r\n\r\n";
    assert.deepEqual(await outcome(t, teapot), {
      up: false,
      reason: "418 I'm a teapot, expected 200-299",
    });
    const statuses = [
      [200, 200],
      [410, 418],
    ] as const;
    assert.equal((await outcome(t, teapot, { statuses })).up, true);
    assert.deepEqual(await outcome(t, 'HTTP/1.1 204 \r\n\r\n', { statuses }), {
      up: false,
      reason: '204 No Content, expected 200 410-418',
    });
  });

  it('reads no status without a blank after it, as keepalived', async (t) => {
    assert.deepEqual(await outcome(t, `HTTP/1.0 200\r\n\r\n${body}`, { digest: md5 }), {
      up: false,
      reason:
        'status line "HTTP/1.0 200", expected three digits with a blank before and after them',
    });
  });

  it('wants the status also where the digest is equal', async (t) => {
    const missing = whole.replace('200 OK', '404 Not Found');
    const { up, reason } = await outcome(t, missing, { digest: md5 });
    assert.deepEqual([up, reason], [false, '404 Not Found, expected 200-299']);
  });

  it('says which digest it got', async (t) => {
    const other = whole.replace('world', 'World');
    const hex = createHash('md5').update('hello World\n').digest('hex');
    assert.deepEqual(await outcome(t, other, { digest: md5 }), {
      up: false,
      reason: `200 OK, but the MD5 digest is ${hex}`,
    });
  });

  it('looks for the pattern in the body and not in the header', async (t) => {
    const marked = 'HTTP/1.0 200 OK\r\nX: zebra42\r\n\r\nhello';
    assert.deepEqual(await outcome(t, marked, { regex: 'zebra42' }), {
      up: false,
      reason: '200 OK, but "regex" does not match',
    });
    const absent = { regex: 'zebra42', regexNoMatch: true };
    assert.equal((await outcome(t, marked, absent)).up, true);
    assert.deepEqual(await outcome(t, `${marked} zebra42`, absent), {
      up: false,
      reason: '200 OK, but "regexnot" matches',
    });
  });

  it('judges digest and pattern of a page that comes in pieces', async (t) => {
    const segments = [whole.slice(0, -12), 'hell', 'o wo', 'rld\n'];
    assert.equal((await outcome(t, { segments }, { digest: md5, regex: 'lo world' })).up, true);
  });

  it('warns of a body that ends too soon', async (t) => {
    assert.deepEqual(await outcome(t, whole.replace('12', '50'), { digest: md5 }), {
      up: true,
      reason: '200 OK',
      warning: 'the body ended after 12 of 50 bytes',
    });
  });

  for (const ending of ['hang', 'reset'] as const) {
    it(`does not wait for the close where the server would ${ending}`, async (t) => {
      const server = await segmentServer(t, { segments: [whole], ending });
      const got = await check(server.endpoint, [{ digest: md5 }]);
      assert.deepEqual(got, { up: true, reason: '200 OK' });
    });
  }

  it('is down when no whole answer comes, over TLS too', async (t) => {
    const reset: Segments = {
      segments: ['HTTP/1.0 200 OK\r\nContent-Length: 12\r\n\r\nhel'],
      ending: 'reset',
    };
    const why = 'connection reset by the server';
    assert.deepEqual(await outcome(t, reset), { up: false, reason: why });
    const secure = await segmentServer(t, { ...reset, transport: 'tls' });
    const tls = { verify: 'none', sni: '', certWarnDays: 0 } as const;
    assert.deepEqual(await check(secure.endpoint, [{}], { tls }), { up: false, reason: why });
    assert.deepEqual(await outcome(t, 'HTTP/1.0 200 OK\n\n'), {
      up: false,
      reason: 'connection closed before the end of a HTTP header',
    });
    assert.deepEqual(await outcome(t, 'x'.repeat(5000)), {
      up: false,
      reason: 'the HTTP header does not end within 4095 bytes',
    });
    const refused = await check(await refusingEndpoint(), [{}]);
    assert.deepEqual(refused, { up: false, reason: 'connection refused' });
  });

  it('ends at its deadline at a server that drips', async (t) => {
    const segments = ['HTTP/1.0 200 OK\r\n\r\n', ...Array<string>(200).fill('a')];
    const { endpoint } = await segmentServer(t, { segments, pauseMs: 50 });
    const signal = AbortSignal.timeout(400);
    await assert.rejects(check(endpoint, [{}], {}, signal), { name: 'TimeoutError' });
  });

  it('asks for all urls in their order, each with its Host, and all must pass', async (t) => {
    const server = await segmentServer(t, { segments: [whole] });
    const { port } = server.endpoint;
    const urls = [{ path: '/a' }, { path: '/b', host: 'b.example', digest: md5 }, { path: '/c' }];
    const changes = { protocol: '1.1' } as const;
    const got = await check(server.endpoint, urls, changes);
    assert.deepEqual(got, { up: true, reason: '3 urls good' });
    const lines = (path: string, host: string): string =>
      `GET ${path} HTTP/1.1\r\nUser-Agent: KeepAliveClient\r\nConnection: close\r\nHost: ${host}\r\n\r\n`;
    const own = `127.0.0.1:${port}`;
    assert.deepEqual(server.requests, [
      lines('/a', own),
      lines('/b', 'b.example'),
      lines('/c', own),
    ]);
    const bad = [{ path: '/a' }, { path: '/b', regex: 'x' }, { path: '/c' }];
    assert.deepEqual(await check(server.endpoint, bad, changes), {
      up: false,
      reason: '/b: 200 OK, but "regex" does not match',
    });
    assert.equal(server.requests.length, 5);
  });

  it('is never up without a url', async () => {
    assert.equal((await check(await refusingEndpoint(), [])).up, false);
  });

  it('verifies certificates as the settings say, with the Host as name', async (t) => {
    const said: Segments = { segments: [whole], transport: 'tls' };
    const server = await segmentServer(t, said);
    const tls = { verify: 'full', sni: '', certWarnDays: 0, caFile: tlsFixture('ca.pem') } as const;
    const via = (host: string) => check(server.endpoint, [{ host, digest: md5 }], { tls });
    const refused = await via('wrong.example');
    assert.equal(refused.up, false);
    assert.match(refused.reason, /^certificate not trusted: .*wrong\.example/);
    for (const host of ['www.example.com', 'www.example.com:8443']) {
      assert.deepEqual(await via(host), { up: true, reason: '200 OK' });
    }
    const named = { ...tls, sni: 'a.example', verify: 'ca' } as const;
    const got = await check(server.endpoint, [{ digest: md5 }], { tls: named });
    assert.deepEqual(got, { up: true, reason: '200 OK' });
    assert.equal(server.serverNames.at(-1), 'a.example');
    const late = { ...named, certWarnDays: 100_000 };
    const { warning } = await check(server.endpoint, [{}], { tls: late });
    assert.match(warning ?? '', /^certificate ends in \d+ days$/);
  });

  it('goes out from the address that is set', async (t) => {
    const server = await segmentServer(t, { segments: [whole] });
    const got = await check({ ...server.endpoint, from: '127.0.0.9' }, [{}]);
    assert.deepEqual(got, { up: true, reason: '200 OK' });
    assert.deepEqual(server.peers, ['127.0.0.9']);
  });
});
