import assert from 'node:assert/strict';
import { createHash, createHmac } from 'node:crypto';
import { describe, it } from 'node:test';
import { runCheck } from '../../src/checks/registry.ts';
import type { NegotiateCheck } from '../../src/config/check-model.ts';
import type { Endpoint } from '../../src/config/endpoint.ts';
import { garbage } from '../support/byte-server.ts';
import { negotiateCheck } from '../support/negotiate-check.ts';
import { refusingEndpoint } from '../support/tcp-server.ts';
import { boundSocket, startUdpServer } from '../support/udp-server.ts';

const context = () => ({ signal: AbortSignal.timeout(10_000) });
const secret = 'testing123';
const codes = { accept: 2, reject: 3, challenge: 11 } as const;

function check(target: Endpoint, changes: Partial<NegotiateCheck> = {}): NegotiateCheck {
  const login = { login: 'check', passwd: 'a password of more than 16 bytes', secret };
  return negotiateCheck(target, { service: 'radius', ...login, ...changes });
}

// What a good server does is shown by a real one: test/kernel/servers-directory.test.ts.
describe('checkRadius', () => {
  for (const [code, up, reason] of [
    [codes.accept, true, 'Access-Accept'],
    [codes.reject, false, 'Access-Reject'],
    [codes.challenge, false, 'Access-Challenge'],
  ] as const) {
    it(`is ${up ? 'up' : 'down'} at an ${reason}`, async (t) => {
      const server = await startUdpServer(t, (request, reply) => reply(answer(request, code)));
      assert.deepEqual(await runCheck(check(server.endpoint), context()), { up, reason });
    });
  }

  for (const [address, nas] of [
    ['127.0.0.1', { type: 4, value: Buffer.from([127, 0, 0, 1]) }],
    ['::1', { type: 95, value: Buffer.concat([Buffer.alloc(15), Buffer.from([1])]) }],
  ] as const) {
    it(`tells ${address} who asks, and proves that it knows the secret`, async (t) => {
      const accept = (request: Buffer) => answer(request, codes.accept);
      const server = await startUdpServer(t, (request, reply) => reply(accept(request)), address);
      assert.equal((await runCheck(check(server.endpoint), context())).up, true);
      const [request = Buffer.alloc(0)] = server.datagrams;
      // Access-Request (RFC 2865, 4.1)
      assert.equal(request[0], 1);
      const attributes = attributesOf(request);
      assert.equal(attributes.get(1)?.toString(), 'check');
      assert.equal(revealed(request, attributes.get(2)), 'a password of more than 16 bytes');
      assert.deepEqual(attributes.get(nas.type), nas.value);
      assert.deepEqual(attributes.get(80), messageAuthenticator(request));
    });
  }

  it('passes over what is no answer to its request, and takes the one that is', async (t) => {
    const stranger = await boundSocket(t, '127.0.0.1');
    const server = await startUdpServer(t, (request, reply) => {
      const good = answer(request, codes.accept);
      const changed = (index: number): Buffer => {
        const copy = Buffer.from(good);
        copy.writeUInt8((copy.readUInt8(index) + 1) & 0xff, index);
        return copy;
      };
      reply(answer(request, codes.reject), stranger);
      reply(answer(request, codes.reject, 'another secret'));
      for (let index = 0; index < good.length; index++) reply(changed(index));
      for (let length = 0; length < good.length; length++) reply(good.subarray(0, length));
      for (let seed = 0; seed < 10; seed++) reply(garbage(5 * seed, seed));
      // Accounting-Response, well signed: no answer to an Access-Request.
      reply(answer(request, 5));
      reply(request);
      reply(Buffer.concat([good, Buffer.from('padding')]));
    });
    const outcome = await runCheck(check(server.endpoint), context());
    assert.deepEqual(outcome, { up: true, reason: 'Access-Accept' });
  });

  it('asks again after a second, with the same packet', async (t) => {
    const server = await startUdpServer(t, (request, reply, count) => {
      if (count > 1) reply(answer(request, codes.accept));
    });
    assert.equal((await runCheck(check(server.endpoint), context())).up, true);
    const [first, second] = server.datagrams;
    assert.deepEqual(first, second);
  });

  it('has a new number and authenticator for each check', async (t) => {
    const server = await startUdpServer(t, (request, reply) =>
      reply(answer(request, codes.accept)),
    );
    for (let i = 0; i < 5; i++) await runCheck(check(server.endpoint), context());
    const authenticators = server.datagrams.map((request) => request.toString('hex', 4, 20));
    assert.equal(new Set(authenticators).size, 5);
    assert.ok(new Set(server.datagrams.map((request) => request[1])).size > 1);
  });

  it('is down at the deadline when the server is silent, and when the secret is wrong', async (t) => {
    const silent = await startUdpServer(t, () => {});
    const other = await startUdpServer(t, (request, reply) =>
      reply(answer(request, codes.accept, 'another secret')),
    );
    for (const { endpoint } of [silent, other]) {
      const definition = check(endpoint, { timeoutMs: 150 });
      const outcome = await runCheck(definition, { signal: AbortSignal.timeout(150) });
      assert.deepEqual(outcome, { up: false, reason: 'no answer within 150 ms' });
    }
  });

  it('is down when the port is closed', async () => {
    for (const address of ['127.0.0.1', '::1']) {
      const outcome = await runCheck(check(await refusingEndpoint(address)), context());
      assert.deepEqual(outcome, { up: false, reason: 'connection refused' });
    }
  });
});

/** An answer with a text in it; its authenticator is that of RFC 2865, 3. */
function answer(request: Buffer, code: number, key = secret): Buffer {
  const attributes = Buffer.from([18, 4, 0x68, 0x69]);
  const head = Buffer.from([code, request[1] ?? 0, 0, 20 + attributes.length]);
  const signed = [head, request.subarray(4, 20), attributes, Buffer.from(key)];
  const authenticator = createHash('md5').update(Buffer.concat(signed)).digest();
  return Buffer.concat([head, authenticator, attributes]);
}

function attributesOf(request: Buffer): ReadonlyMap<number, Buffer> {
  const found = new Map<number, Buffer>();
  for (let at = 20; at < request.readUInt16BE(2); at += request.readUInt8(at + 1)) {
    found.set(request.readUInt8(at), request.subarray(at + 2, at + request.readUInt8(at + 1)));
  }
  return found;
}

/** The password, each 16 bytes hidden by what is before them (RFC 2865, 5.2). */
function revealed(request: Buffer, hidden: Buffer = Buffer.alloc(0)): string {
  let before = request.subarray(4, 20);
  const plain: number[] = [];
  for (let at = 0; at < hidden.length; at += 16) {
    const block = hidden.subarray(at, at + 16);
    const mask = createHash('md5').update(secret).update(before).digest();
    plain.push(...block.map((byte, i) => byte ^ (mask[i] ?? 0)));
    before = block;
  }
  return Buffer.from(plain).toString().replace(/\0+$/, '');
}

/** HMAC-MD5 over the request with zeros in its place (RFC 3579, 3.2); here it is the last one. */
function messageAuthenticator(request: Buffer): Buffer {
  const zeroed = Buffer.concat([request.subarray(0, -16), Buffer.alloc(16)]);
  return createHmac('md5', secret).update(zeroed).digest();
}
