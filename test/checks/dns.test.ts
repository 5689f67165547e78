import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { type Answer, decode, encode, type Packet } from 'dns-packet';
import { runCheck } from '../../src/checks/registry.ts';
import type { NegotiateCheck } from '../../src/config/check-model.ts';
import type { Endpoint } from '../../src/config/endpoint.ts';
import { garbage, startScripted } from '../support/byte-server.ts';
import { negotiateCheck } from '../support/negotiate-check.ts';
import { refusingEndpoint, startTcpServer } from '../support/tcp-server.ts';
import { boundSocket, startUdpServer } from '../support/udp-server.ts';
import { itSurvivesUnwellServers } from '../support/unwell-servers.ts';

const context = () => ({ signal: AbortSignal.timeout(10_000) });

function check(target: Endpoint, changes: Partial<NegotiateCheck> = {}): NegotiateCheck {
  const question = { protocol: 'udp', request: '/www.example.com' } as const;
  return negotiateCheck(target, { service: 'dns', ...question, ...changes });
}

const addresses: readonly Answer[] = [
  { type: 'CNAME', name: 'www.example.com', data: 'web.example.com' },
  { type: 'A', name: 'web.example.com', data: '192.0.2.7' },
  { type: 'A', name: 'web.example.com', data: '192.0.2.8' },
];

const truncated = 0x0200;

/** The answer to a query; what is in `changes` is different. */
function answerTo(query: Buffer, answers: readonly Answer[], changes: Packet = {}): Buffer {
  const { id, questions } = decode(query);
  return encode({ type: 'response', id, questions, answers: [...answers], ...changes });
}

// What good servers do is shown by a real one: test/kernel/servers-dns-proxy.test.ts.
describe('checkDns over UDP', () => {
  for (const address of ['127.0.0.1', '::1']) {
    it(`asks ${address} once for an address, of which any will do`, async (t) => {
      const server = await startUdpServer(
        t,
        (query, reply) => reply(answerTo(query, addresses)),
        address,
      );
      for (const [receive, reason] of [
        ['', '192.0.2.7'],
        ['\\.8$', '192.0.2.8'],
      ] as const) {
        const outcome = await runCheck(check(server.endpoint, { receive }), context());
        assert.deepEqual(outcome, { up: true, reason });
      }
      const [first, second] = server.datagrams.map((datagram) => decode(datagram));
      assert.equal(server.datagrams.length, 2);
      assert.equal(first?.flag_rd, true);
      assert.deepEqual(first?.questions, [{ name: 'www.example.com', type: 'A', class: 'IN' }]);
      assert.notEqual(first?.id, undefined);
      assert.deepEqual(second?.questions, first?.questions);
    });
  }

  it('asks for the name of an address', async (t) => {
    for (const [subject, name] of [
      ['192.0.2.7', '7.2.0.192.in-addr.arpa'],
      ['2001:db8::7', `7${'.0'.repeat(23)}.8.b.d.0.1.0.0.2.ip6.arpa`],
    ] as const) {
      const server = await startUdpServer(t, (query, reply) => {
        const data = 'www.example.com';
        reply(answerTo(query, [{ type: 'PTR', name, data }]));
      });
      const definition = check(server.endpoint, { request: `/${subject}`, receive: '^www\\.' });
      assert.deepEqual(await runCheck(definition, context()), {
        up: true,
        reason: 'www.example.com',
      });
      const [query] = server.datagrams.map((datagram) => decode(datagram));
      assert.deepEqual(query?.questions, [{ name, type: 'PTR', class: 'IN' }]);
    }
  });

  it('is down when nothing of its type comes, nothing matches, or with an error', async (t) => {
    const six: Answer = { type: 'AAAA', name: 'www.example.com', data: '2001:db8::7' };
    const cases: readonly (readonly [readonly Answer[], Packet, string])[] = [
      [[six], {}, 'no A record'],
      [[], {}, 'no A record'],
      [addresses, {}, '192.0.2.7, but "receive" does not match'],
      [addresses, { flags: 3 }, 'NXDOMAIN'],
      [[], { flags: 2 }, 'SERVFAIL'],
      [[], { flags: 15 }, '15'],
      [[], { flags: 1, questions: [] }, 'FORMERR'],
    ];
    for (const [answers, changes, reason] of cases) {
      const server = await startUdpServer(t, (query, reply) => {
        reply(answerTo(query, answers, changes));
      });
      const outcome = await runCheck(check(server.endpoint, { receive: '2001' }), context());
      assert.deepEqual(outcome, { up: false, reason });
    }
  });

  it('passes over what is no answer to its question, and takes the one that is', async (t) => {
    const stranger = await boundSocket(t, '127.0.0.1');
    const lie: Answer = { type: 'A', name: 'www.example.com', data: '203.0.113.66' };
    const server = await startUdpServer(t, (query, reply) => {
      const { id = 0 } = decode(query);
      const other = { name: 'www.example.org', type: 'A' } as const;
      reply(answerTo(query, [lie]), stranger);
      reply(answerTo(query, [lie], { id: id ^ 1 }));
      reply(answerTo(query, [lie], { questions: [other] }));
      reply(
        answerTo(query, [lie], {
          questions: [{ ...other, name: 'www.example.com', type: 'AAAA' }],
        }),
      );
      reply(query);
      for (let seed = 0; seed < 20; seed++) reply(garbage(3 * seed, seed));
      for (let length = 0; length < 40; length++) reply(answerTo(query, [lie]).subarray(0, length));
      reply(answerTo(query, addresses));
    });
    const outcome = await runCheck(check(server.endpoint), context());
    assert.deepEqual(outcome, { up: true, reason: '192.0.2.7' });
  });

  it('asks again after a second, in the same words', async (t) => {
    const server = await startUdpServer(t, (query, reply, count) => {
      if (count > 1) reply(answerTo(query, addresses));
    });
    assert.equal((await runCheck(check(server.endpoint), context())).up, true);
    const [first, second] = server.datagrams;
    assert.deepEqual(first, second);
  });

  it('is down at the deadline when the server is silent', async (t) => {
    const server = await startUdpServer(t, () => {});
    const definition = check(server.endpoint, { timeoutMs: 150 });
    const outcome = await runCheck(definition, { signal: AbortSignal.timeout(150) });
    assert.deepEqual(outcome, { up: false, reason: 'no answer within 150 ms' });
  });

  it('is down when the port is closed', async () => {
    for (const address of ['127.0.0.1', '::1']) {
      const outcome = await runCheck(check(await refusingEndpoint(address)), context());
      assert.deepEqual(outcome, { up: false, reason: 'connection refused' });
    }
  });

  it('asks over TCP when the answer was cut off', async (t) => {
    const server = await startScripted(t, {
      answers: [(query) => framed(answerTo(query.subarray(2), addresses))],
    });
    const { address, port } = server.endpoint;
    const udp = await boundSocket(t, address, port);
    udp.on('message', (query, from) => {
      udp.send(answerTo(query, [], { flags: truncated }), from.port, from.address);
    });
    const outcome = await runCheck(check(server.endpoint, { receive: '8$' }), context());
    assert.deepEqual(outcome, { up: true, reason: '192.0.2.8' });
  });

  it('asks nobody for what is no name', async () => {
    const nowhere = await refusingEndpoint();
    for (const subject of ['', '.', 'a..b', 'x'.repeat(64), `${'x.'.repeat(127)}x`]) {
      const outcome = await runCheck(check(nowhere, { request: `/${subject}` }), context());
      const reason = `request: expected a host name or address, got "${subject}"`;
      assert.equal(outcome.up, false);
      assert.ok(reason.startsWith(outcome.reason.replace(/\.\.\.$/, '')), outcome.reason);
    }
  });
});

describe('checkDns over TCP', () => {
  const overTcp = (target: Endpoint, changes: Partial<NegotiateCheck> = {}) =>
    check(target, { protocol: 'tcp', ...changes });

  itSurvivesUnwellServers(overTcp);

  it('reads an answer that comes byte by byte, and ends with FIN', async (t) => {
    const server = await startTcpServer(t, (socket) => {
      socket.setNoDelay(true);
      const drip = async (query: Buffer): Promise<void> => {
        for (const byte of framed(answerTo(query.subarray(2), addresses))) {
          socket.write(Buffer.from([byte]));
          await setImmediate();
        }
      };
      socket.once('data', (query: Buffer) => void drip(query));
    });
    const outcome = await runCheck(overTcp(server.endpoint), context());
    assert.deepEqual(outcome, { up: true, reason: '192.0.2.7' });
    const { received, ended, error } = await server.closed(0);
    assert.equal(received.charCodeAt(1), received.length - 2);
    assert.deepEqual({ ended, error }, { ended: true, error: undefined });
  });

  it('is down at the deadline when the answer stops half-way', async (t) => {
    const server = await startScripted(t, {
      answers: [(query) => framed(answerTo(query.subarray(2), addresses)).subarray(0, 9)],
    });
    const definition = overTcp(server.endpoint, { timeoutMs: 150 });
    const outcome = await runCheck(definition, { signal: AbortSignal.timeout(150) });
    assert.deepEqual(outcome, { up: false, reason: 'no answer within 150 ms' });
    await server.closed(0);
  });

  it('is down when the answer is to another question', async (t) => {
    const server = await startScripted(t, {
      answers: [
        (query) => framed(answerTo(query.subarray(2), addresses, { id: 1, questions: [] })),
      ],
    });
    const outcome = await runCheck(overTcp(server.endpoint), context());
    assert.deepEqual(outcome, { up: false, reason: 'the answer is not one to the question' });
  });
});

/** A message after its length in two bytes (RFC 1035, 4.2.2). */
function framed(message: Buffer): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(message.length);
  return Buffer.concat([length, message]);
}
