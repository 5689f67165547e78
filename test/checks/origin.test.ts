import assert from 'node:assert/strict';
import type { Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { checkFtp } from '../../src/checks/ftp.ts';
import { runCheck } from '../../src/checks/registry.ts';
import type { NegotiateService } from '../../src/config/check-model.ts';
import { negotiateServices } from '../../src/config/check-model.ts';
import type { CheckTarget } from '../../src/config/check-target.ts';
import type { Endpoint } from '../../src/config/endpoint.ts';
import { startFtpServer } from '../support/ftp-server.ts';
import { negotiateCheck } from '../support/negotiate-check.ts';
import { refusingEndpoint, startTcpServer } from '../support/tcp-server.ts';
import { boundSocket } from '../support/udp-server.ts';

/** Another address of loopback, so that the server sees which one was taken. */
const own = '127.0.0.2';
/** The library of oracle does not let itself be told. */
const asking = negotiateServices.filter((service) => !['none', 'oracle'].includes(service));
const overUdp = ['dns', 'sip', 'radius'] as const satisfies readonly NegotiateService[];

/** What makes each service ask at all. */
const question = {
  request: '/x',
  receive: 'x',
  login: 'joe',
  passwd: 'secret',
  database: 'db',
  secret: 'shared',
} as const;

function run(service: NegotiateService, target: CheckTarget, protocol: 'tcp' | 'udp' = 'tcp') {
  const request = service === 'http_proxy' ? '/http://www.example.com/' : question.request;
  const definition = negotiateCheck(target, { ...question, request, service, protocol });
  return runCheck(definition, { signal: AbortSignal.timeout(10_000) });
}

describe('checkfrom', () => {
  for (const service of asking.filter((one) => one !== 'radius')) {
    it(`is where ${service} comes from`, async (t) => {
      const seen = new Set<string | undefined>();
      const server = await startTcpServer(t, (socket) => {
        seen.add(socket.remoteAddress);
        socket.destroy();
      });
      const outcome = await run(service, { ...server.endpoint, from: own });
      assert.equal(outcome.up, false);
      assert.equal(outcome.inconclusive, undefined);
      assert.deepEqual([...seen], [own]);
    });
  }

  for (const service of overUdp) {
    it(`is where ${service} comes from over UDP`, async (t) => {
      const socket: UdpSocket = await boundSocket(t, '127.0.0.1');
      const target = { family: 'inet', address: '127.0.0.1', port: socket.address().port } as const;
      const controller = new AbortController();
      const definition = negotiateCheck(
        { ...target, from: own },
        { ...question, service, protocol: 'udp' },
      );
      const running = runCheck(definition, { signal: controller.signal });
      const [, { address }] = await once(socket, 'message');
      controller.abort();
      await running;
      assert.equal(address, own);
    });
  }

  it('is where the data connection of ftp comes from as well', async (t) => {
    const seen: (string | undefined)[] = [];
    const server = await startFtpServer(t, {
      serveData: (socket) => {
        seen.push(socket.remoteAddress);
        socket.end('Test Page');
      },
    });
    const definition = negotiateCheck(
      { ...server.endpoint, from: own },
      { service: 'ftp', request: '/x', receive: 'Test' },
    );
    const { signal } = new AbortController();
    assert.equal((await checkFtp(definition, { signal })).up, true);
    assert.deepEqual(seen, [own]);
  });
});

describe('a checkfrom that this machine does not have', () => {
  /** TEST-NET-1 and the documentation prefix (RFC 5737, RFC 3849): nobody has them. */
  const wrong = { inet: '192.0.2.77', inet6: '2001:db8::77' } as const;
  const reason = (from: string): string => `checkfrom: "${from}" is no address of this machine`;
  const at = async (address: string): Promise<Endpoint & { from: string }> => {
    const endpoint = await refusingEndpoint(address);
    return { ...endpoint, from: wrong[endpoint.family] };
  };

  for (const address of ['127.0.0.1', '::1']) {
    for (const service of asking) {
      it(`says nothing about a server at ${address} for ${service}`, async () => {
        const target = await at(address);
        for (const protocol of ['tcp', 'udp'] as const) {
          const outcome = await run(service, target, protocol);
          const expected = { up: false, reason: reason(target.from), inconclusive: true };
          assert.deepEqual(outcome, expected);
        }
      });
    }

    it(`says nothing about a server at ${address} for connect, ping and combined`, async () => {
      const { signal } = new AbortController();
      const target = await at(address);
      const connect = { type: 'connect', target, timeoutMs: 1000 } as const;
      const negotiate = negotiateCheck(target);
      const { family, from } = target;
      const ping = { type: 'ping', family, address, from, attempts: 1, timeoutMs: 1000 } as const;
      const combined = {
        type: 'combined',
        connects: 1,
        connect,
        negotiate,
        timeoutMs: 1000,
      } as const;
      for (const definition of [connect, ping, combined]) {
        const outcome = await runCheck(definition, { signal });
        assert.deepEqual(outcome, { up: false, reason: reason(from), inconclusive: true });
      }
    });
  }

  it('is not to blame where it is right and the server is down', async () => {
    const target = { ...(await refusingEndpoint()), from: own };
    const { signal } = new AbortController();
    const outcome = await runCheck({ type: 'connect', target, timeoutMs: 1000 }, { signal });
    assert.deepEqual(outcome, { up: false, reason: 'connection refused' });
  });

  it('is said to need its interface where it is bound to one', async () => {
    const target = { ...(await refusingEndpoint('::1')), from: 'fe80::77' };
    const { signal } = new AbortController();
    const outcome = await runCheck({ type: 'connect', target, timeoutMs: 1000 }, { signal });
    assert.deepEqual(outcome, {
      up: false,
      reason: 'checkfrom: "fe80::77" cannot be used without its interface',
      inconclusive: true,
    });
  });
});
