import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { runCheck } from '../../src/checks/registry.ts';
import type { NegotiateCheck } from '../../src/config/check-model.ts';
import type { Endpoint } from '../../src/config/endpoint.ts';
import { startScripted } from '../support/byte-server.ts';
import { negotiateCheck } from '../support/negotiate-check.ts';
import { itSurvivesUnwellServers } from '../support/unwell-servers.ts';

const context = () => ({ signal: AbortSignal.timeout(10_000) });
const dn = 'dc=example,dc=com';

function check(target: Endpoint, changes: Partial<NegotiateCheck> = {}): NegotiateCheck {
  return negotiateCheck(target, { service: 'ldap', request: `/${dn}`, ...changes });
}

const tls = { verify: 'none', sni: '', certWarnDays: 0 } as const;
type Answer = (request: Buffer) => Buffer;
const bound: Answer = (request) => message(request, 0x61, result(0));
/** Entries with these names, and the end of them. */
const found =
  (...names: readonly string[]): Answer =>
  (request) =>
    Buffer.concat([
      ...names.map((name) => message(request, 0x64, entry(name))),
      message(request, 0x65, result(0)),
    ]);

// What a good server does is shown by a real one: test/kernel/servers-directory.test.ts.
describe('checkLdap', () => {
  // The beginning of a sequence of 120 bytes with the number of the first request in it.
  itSurvivesUnwellServers(check, Buffer.from([0x30, 120, 0x02, 0x01, 0x01]));

  describe('over TLS', () => {
    itSurvivesUnwellServers((target, changes) =>
      check(target, { service: 'ldaps', tls, ...changes }),
    );
  });

  it('binds as nobody, and asks for one entry without its attributes', async (t) => {
    const server = await startScripted(t, { answers: [bound, found(dn)] });
    assert.deepEqual(await runCheck(check(server.endpoint), context()), { up: true, reason: dn });
    const { received, error } = await server.closed(0);
    // Version 3, no name, no password (RFC 4511, 4.2).
    assert.equal(received.slice(5, 14), '\x60\x07\x02\x01\x03\x04\0\x80\0');
    // The base object and the scope, which is the base object alone (4.5.1).
    assert.ok(received.includes(`${dn}\n\x01\0`));
    assert.match(received, /objectClass.*1\.1/s);
    // The last request is Unbind (4.3).
    assert.ok(received.endsWith('\x42\0'));
    assert.equal(error, undefined);
  });

  it('logs in only with login and passwd', async (t) => {
    for (const [changes, name] of [
      [{ login: 'cn=me', passwd: 'secret' }, '\x04\x05cn=me\x80\x06secret'],
      [{ login: 'cn=me' }, '\x04\0\x80\0'],
      [{ passwd: 'secret' }, '\x04\0\x80\0'],
    ] as const) {
      const server = await startScripted(t, { answers: [bound, found()] });
      await runCheck(check(server.endpoint, changes), context());
      const { received } = await server.closed(0);
      assert.ok(received.includes(`\x02\x01\x03${name}`), JSON.stringify(received));
    }
  });

  it('is down unless there is exactly one entry', async (t) => {
    for (const count of [0, 2]) {
      const names = Array<string>(count).fill(dn);
      const server = await startScripted(t, { answers: [bound, found(...names)] });
      const outcome = await runCheck(check(server.endpoint), context());
      assert.deepEqual(outcome, { up: false, reason: `expected one entry, got ${count}` });
    }
  });

  it('is down when receive does not match the DN', async (t) => {
    const server = await startScripted(t, { answers: [bound, found(dn)] });
    const outcome = await runCheck(check(server.endpoint, { receive: '^dc=org' }), context());
    assert.deepEqual(outcome, { up: false, reason: `Response mismatch: ${dn}` });
  });

  it('does not come back as nobody when the server hangs up after the login', async (t) => {
    const server = await startScripted(t, { answers: [bound, 'close'] });
    const outcome = await runCheck(check(server.endpoint), context());
    assert.deepEqual(outcome, { up: false, reason: 'connection closed by the server' });
    assert.equal(server.connections.length, 1);
  });

  it('is down, and goes on, at answers that its client would read without end', async (t) => {
    const endless = [
      // More behind a result, which is longer than the message.
      (request: Buffer) =>
        message(request, 0x61, Buffer.concat([result(0), Buffer.from([0x87, 5])])),
      // A set of values, of which the last is longer than the set.
      (request: Buffer) =>
        message(request, 0x64, Buffer.from([4, 0, 0x30, 8, 0x30, 6, 4, 0, 0x31, 2, 4, 99])),
      // A reference that is none.
      (request: Buffer) => message(request, 0x73, Buffer.from([4, 99])),
      // Neither the answer to a bind nor to a search.
      (request: Buffer) => message(request, 0x69, result(0)),
    ];
    for (const answer of endless) {
      for (const answers of [[answer], [bound, answer]]) {
        const server = await startScripted(t, { answers });
        const outcome = await runCheck(check(server.endpoint), context());
        assert.deepEqual(outcome, { up: false, reason: 'not the answer of an LDAP server' });
      }
    }
  });

  it('is down at the deadline when the server falls silent after the login', async (t) => {
    const server = await startScripted(t, { answers: [bound] });
    const definition = check(server.endpoint, { timeoutMs: 150 });
    const outcome = await runCheck(definition, { signal: AbortSignal.timeout(150) });
    assert.deepEqual(outcome, { up: false, reason: 'no answer within 150 ms' });
    await server.closed(0);
  });
});

/** An LDAPMessage of less than 128 bytes, with the number of its request (RFC 4511, 4.1.1). */
function message(request: Buffer, tag: number, body: Buffer): Buffer {
  const operation = Buffer.concat([Buffer.from([tag, body.length]), body]);
  const id = request.readUInt8(4);
  return Buffer.concat([Buffer.from([0x30, 3 + operation.length, 0x02, 0x01, id]), operation]);
}

/** An LDAPResult without matched DN and text (4.1.9). */
function result(code: number): Buffer {
  return Buffer.from([0x0a, 0x01, code, 0x04, 0x00, 0x04, 0x00]);
}

/** A SearchResultEntry without attributes (4.5.2). */
function entry(name: string): Buffer {
  return Buffer.concat([
    Buffer.from([0x04, name.length]),
    Buffer.from(name),
    Buffer.from([0x30, 0]),
  ]);
}
