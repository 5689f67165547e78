import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decode, encode, RECURSION_DESIRED } from 'dns-packet';
import { type DnsQueryCheck, dnsQueryTypes } from '../../src/config/block-checks.ts';
import type { Endpoint } from '../../src/config/endpoint.ts';
import { garbage } from '../support/byte-server.ts';
import { runToDeadline, udpSocketsTo } from '../support/run-to-deadline.ts';
import { refusingEndpoint } from '../support/tcp-server.ts';
import { startUdpServer } from '../support/udp-server.ts';

/** The query as an answer without records: QR set, and that code. */
function answerTo(query: Buffer, code = 0, changes: { readonly id?: number } = {}): Buffer {
  const answer = Buffer.from(query);
  if (changes.id !== undefined) answer.writeUInt16BE(changes.id, 0);
  answer.writeUInt16BE(0x8180 | code, 2);
  return answer;
}

describe('checkDnsQuery', () => {
  for (const queryType of dnsQueryTypes) {
    it(`asks for ${queryType} with recursion desired, and is up without any record`, async (t) => {
      const server = await startUdpServer(t, (query, reply) => reply(answerTo(query)));
      const check = dns(server.endpoint, { queryType, name: 'www.example.com' });
      assert.deepEqual(await runToDeadline(check), { up: true, reason: 'NOERROR' });
      const { flags = 0, questions, type } = decode(server.datagrams[0] ?? Buffer.alloc(0));
      assert.equal(type, 'query');
      assert.equal(flags & RECURSION_DESIRED, RECURSION_DESIRED);
      assert.deepEqual(
        questions?.map((question) => [question.type, question.name, question.class]),
        [[queryType, 'www.example.com', 'IN']],
      );
    });
  }

  it('asks for the root', async (t) => {
    const server = await startUdpServer(t, (query, reply) => reply(answerTo(query)), '::1');
    assert.equal((await runToDeadline(dns(server.endpoint))).up, true);
    // header, the empty label, SOA, IN
    assert.equal(server.datagrams[0]?.subarray(4).toString('hex'), '00010000000000000000060001');
  });

  it('does not mind an answer that is cut short or cannot be read', async (t) => {
    const server = await startUdpServer(t, (query, reply) => {
      const answer = answerTo(query);
      answer.writeUInt16BE(0x8380, 2);
      reply(Buffer.concat([answer.subarray(0, 12), garbage(40, 1)]));
    });
    assert.equal((await runToDeadline(dns(server.endpoint))).up, true);
  });

  for (const [code, name] of [
    [2, 'SERVFAIL'],
    [3, 'NXDOMAIN'],
    [5, 'REFUSED'],
    [15, '15'],
  ] as const) {
    it(`is down at ${name}`, async (t) => {
      const server = await startUdpServer(t, (query, reply) => reply(answerTo(query, code)));
      assert.deepEqual(await runToDeadline(dns(server.endpoint)), { up: false, reason: name });
    });
  }

  it('passes over other ids, garbage and what is too short', async (t) => {
    const server = await startUdpServer(t, (query, reply) => {
      reply(answerTo(query, 3, { id: query.readUInt16BE(0) ^ 1 }));
      reply(query.subarray(0, 11));
      reply(Buffer.alloc(0));
      reply(answerTo(query));
    });
    assert.equal((await runToDeadline(dns(server.endpoint))).up, true);
  });

  it('is down when its own question comes back', async (t) => {
    const server = await startUdpServer(t, (query, reply) => reply(query));
    const reason = 'the answer is not one to the question';
    assert.deepEqual(await runToDeadline(dns(server.endpoint)), { up: false, reason });
  });

  it('asks again when a question is lost', async (t) => {
    const server = await startUdpServer(t, (query, reply, count) => {
      if (count === 2) reply(answerTo(query));
    });
    assert.equal((await runToDeadline(dns(server.endpoint))).up, true);
  });

  it('is down at the deadline and when nobody listens, and leaves no socket', async (t) => {
    const server = await startUdpServer(t, () => {});
    const silent = await runToDeadline(dns(server.endpoint, { timeoutMs: 50 }));
    assert.deepEqual(silent, { up: false, reason: 'no answer within 50 ms' });
    assert.equal(udpSocketsTo(server.endpoint.port), 0);
    const refused = await runToDeadline(dns(await refusingEndpoint()));
    assert.deepEqual(refused, { up: false, reason: 'connection refused' });
  });

  it('refuses what is no name', async () => {
    const target = await refusingEndpoint();
    for (const name of ['a..b', '', 'x'.repeat(64), `${'x.'.repeat(130)}x`]) {
      const { up, reason } = await runToDeadline(dns(target, { name }));
      assert.deepEqual([up, reason.startsWith('name: expected a host name')], [false, true], name);
    }
  });
});

it('takes the bytes of a real encoder for an answer', async (t) => {
  const server = await startUdpServer(t, (query, reply) => {
    const { id, questions } = decode(query);
    const answers = [{ type: 'A', name: 'a.example', ttl: 1, data: '10.0.0.1' }] as const;
    reply(encode({ type: 'response', id, questions, answers: [...answers] }));
  });
  const check = dns(server.endpoint, { queryType: 'A', name: 'a.example.' });
  assert.deepEqual(await runToDeadline(check), { up: true, reason: 'NOERROR' });
});

function dns(target: Endpoint, changes: Partial<DnsQueryCheck> = {}): DnsQueryCheck {
  return { type: 'dns-query', target, queryType: 'SOA', name: '.', timeoutMs: 5000, ...changes };
}
