import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { NegotiateCheck } from '../../src/config/check-model.ts';
import { besiege, checkOf, run } from '../support/real-servers/check.ts';
import { dnsPort, dnsRecords, startDnsmasq } from '../support/real-servers/dnsmasq.ts';
import { type RealServer, sharedDirectory } from '../support/real-servers/real-server.ts';
import { deniedUrl, squidPort, startSquid } from '../support/real-servers/squid.ts';

const addresses = ['127.0.0.1', '::1'];
const protocols = ['udp', 'tcp'] as const;
const directory = sharedDirectory('servers-dns-proxy');
const refused = { up: false, reason: 'connection refused' };
/** Long enough for other checks meanwhile, in a kernel where everything takes its time. */
const silentMs = 1500;
const noAnswer = { up: false, reason: `no answer within ${silentMs} ms` };

let dnsmasq: RealServer;
const dns = (
  subject: string,
  receive: string,
  changes: Partial<NegotiateCheck> & { readonly address?: string } = {},
): NegotiateCheck => {
  const { address = '127.0.0.1', ...rest } = changes;
  const question = { protocol: 'udp', request: `/${subject}`, receive } as const;
  return checkOf('dns', { address, port: dnsPort }, { ...question, ...rest });
};

let squid: RealServer;
let origin: Origin;
const proxy = (
  request: string,
  changes: Partial<NegotiateCheck> & { readonly address?: string } = {},
): NegotiateCheck => {
  const { address = '127.0.0.1', ...rest } = changes;
  return checkOf('http_proxy', { address, port: squidPort }, { request, ...rest });
};

before(async () => {
  dnsmasq = await startDnsmasq(path.join(directory, 'dnsmasq'));
  squid = await startSquid(path.join(directory, 'squid'));
  origin = await startOrigin();
});
after(async () => {
  for (const server of [dnsmasq, squid, origin]) await server?.stop();
});

describe('dnsmasq, asked by dns', () => {
  const { name, ipv4, ipv6, alias, onlyIpv6, many } = dnsRecords;

  for (const address of addresses) {
    for (const protocol of protocols) {
      const where = { address, protocol };

      it(`is up at ${address} over ${protocol} when an address matches`, async () => {
        const outcome = await run(dns(name, '192\\.0\\.2\\.7', where));
        assert.deepEqual(outcome, { up: true, reason: ipv4 });
      });

      it(`is up at ${address} over ${protocol} when the name of an address matches`, async () => {
        for (const subject of [ipv4, ipv6]) {
          const outcome = await run(dns(subject, '^www\\.example\\.com$', where));
          assert.deepEqual(outcome, { up: true, reason: name });
        }
      });

      it(`is down at ${address} over ${protocol} for a name that is not there`, async () => {
        const outcome = await run(dns('none.example.com', '.', where));
        assert.deepEqual(outcome, { up: false, reason: 'NXDOMAIN' });
      });
    }
  }

  it('is up at any answer without receive, also behind an alias', async () => {
    for (const subject of [name, `${name}.`, alias]) {
      assert.deepEqual(await run(dns(subject, '')), { up: true, reason: ipv4 });
    }
  });

  it('is down when no answer matches, or none is of the type', async () => {
    const other = await run(dns(name, '192\\.0\\.2\\.8'));
    const reason = `${ipv4}, but "receive" does not match`;
    assert.deepEqual(other, { up: false, reason });
    const none = await run(dns(onlyIpv6, ''));
    assert.deepEqual(none, { up: false, reason: 'no A record' });
  });

  it('is down when it refuses', async () => {
    const outcome = await run(dns('www.example.org', '.'));
    assert.deepEqual(outcome, { up: false, reason: 'REFUSED' });
  });

  it('is asked again over TCP when the answer is too long for a datagram', async () => {
    const outcome = await run(dns(many, '198\\.51\\.100\\.60$'));
    assert.deepEqual(outcome, { up: true, reason: '198.51.100.60' });
  });

  it('is down at the deadline while it is frozen, and the checks of squid go on', async () => {
    dnsmasq.freeze();
    try {
      for (const protocol of protocols) {
        const silent = dns(name, '', { protocol, timeoutMs: silentMs });
        const siege = await besiege(silent, proxy(`${origin.url}/page`));
        assert.deepEqual(siege.silent, noAnswer);
        assert.notEqual(siege.others.length, 0);
        for (const { up, reason } of siege.others) assert.equal(up, true, reason);
      }
    } finally {
      dnsmasq.thaw();
    }
    assert.equal((await run(dns(name, ''))).up, true);
  });

  it('is down when it was stopped', async () => {
    await dnsmasq.stop();
    for (const address of addresses) {
      for (const protocol of protocols) {
        assert.deepEqual(await run(dns(name, '', { address, protocol })), refused);
      }
    }
  });
});

describe('squid, asked by http_proxy', () => {
  for (const address of addresses) {
    it(`is up at ${address} when it fetches the page`, async () => {
      const outcome = await run(proxy(`${origin.url}/page`, { address, receive: 'Test Page' }));
      assert.deepEqual(outcome, { up: true, reason: '200 OK' });
      const { via, host } = origin.last();
      assert.match(via ?? '', /proxy\.ipvsd\.internal \(squid/);
      assert.equal(host, new URL(origin.url).host);
    });
  }

  it('is down when the page is another one', async () => {
    const outcome = await run(proxy(`${origin.url}/page`, { receive: 'Other Page' }));
    assert.deepEqual(outcome, { up: false, reason: '200 OK, but "receive" does not match' });
  });

  it('is down when it refuses, or cannot fetch the page, or is asked for none', async () => {
    for (const [request, reason] of [
      [deniedUrl, /^403 /],
      ['http://127.0.0.1:1/', /^503 /],
      ['/page', /^request: expected an absolute http:\/\/ URL/],
    ] as const) {
      const outcome = await run(proxy(request));
      assert.match(outcome.reason, reason);
      assert.equal(outcome.up, false);
    }
  });

  it('is down at the deadline while it is frozen, or the page is not sent', async () => {
    squid.freeze();
    const frozen = addresses.map((address) =>
      run(proxy(`${origin.url}/page`, { address, timeoutMs: silentMs })),
    );
    for (const outcome of await Promise.all(frozen)) assert.deepEqual(outcome, noAnswer);
    squid.thaw();
    const slow = await run(proxy(`${origin.url}/never`, { timeoutMs: silentMs }));
    assert.deepEqual(slow, noAnswer);
    assert.equal((await run(proxy(`${origin.url}/page`))).up, true);
  });

  it('is down when it was stopped', async () => {
    await squid.stop();
    for (const address of addresses) {
      assert.deepEqual(await run(proxy(`${origin.url}/page`, { address })), refused);
    }
  });
});

interface Origin {
  readonly url: string;
  /** Headers of the last request. */
  last(): IncomingHttpHeaders;
  stop(): Promise<void>;
}

/** The web server behind the proxy: it has /page and never answers for /never. */
async function startOrigin(): Promise<Origin> {
  let last: IncomingHttpHeaders = {};
  const server: Server = createServer((request, response) => {
    last = request.headers;
    if (request.url === '/page') response.end('Test Page\n');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const bound = server.address();
  const port = typeof bound === 'object' ? bound?.port : undefined;
  return {
    url: `http://127.0.0.1:${port}`,
    last: () => last,
    stop: async () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
