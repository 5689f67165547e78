import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { checkConnect } from '../../src/checks/connect.ts';
import type { ConnectCheck } from '../../src/config/check-model.ts';
import type { Endpoint } from '../../src/config/endpoint.ts';
import { garbage, startScripted } from '../support/byte-server.ts';

const never = new AbortController().signal;
const connected = { up: true, reason: 'connected' };
const greeting = packet(0, '\x0a8.0.36\0\x01\0\0\0abcdefgh\0');
const ok = packet(2, '\0\0\0\x02\0\0\0');
const quit = '\x01\0\0\0\x01';

// That a real server then counts no error: test/kernel/servers-databases.test.ts.
describe('a connect check of a MySQL server', () => {
  it('logs in without a password, says goodbye and ends with FIN', async (t) => {
    const server = await startScripted(t, { greeting, answers: [ok] });
    assert.deepEqual(await check(server.endpoint, 'monitor'), connected);
    const { received, ended, error } = await server.closed(0);
    const length = received.charCodeAt(0);
    assert.equal(received.slice(1, 4), '\0\0\x01');
    const login = received.slice(4, 4 + length);
    assert.equal(login.slice(32), 'monitor\0\0mysql_native_password\0');
    assert.equal(received.slice(4 + length), quit);
    assert.deepEqual({ ended, error }, { ended: true, error: undefined });
  });

  it('has no password for any other plugin either', async (t) => {
    const plugin = packet(2, '\xfecaching_sha2_password\0abcdefghijklmnopqrst\0');
    const refusal = packet(4, '\xff\x15\x04#28000Access denied');
    const server = await startScripted(t, { greeting, answers: [plugin, refusal] });
    await check(server.endpoint, '');
    const { received, ended, error } = await server.closed(0);
    assert.ok(received.endsWith('\0\0mysql_native_password\0\0\0\0\x03'));
    assert.deepEqual({ ended, error }, { ended: true, error: undefined });
  });

  it('sends nothing to a server that does not greet as MySQL does', async (t) => {
    for (const words of ['220 mail.example.com ESMTP\r\n', '\xff\xff\xff\xff', 'x']) {
      const server = await startScripted(t, { greeting: Buffer.from(words, 'latin1') });
      assert.deepEqual(await check(server.endpoint, '', 100), connected);
      assert.deepEqual(await server.closed(0), { ended: true, received: '' });
    }
  });

  it('ends with FIN at a server that never greets or never answers', async (t) => {
    for (const script of [{}, { greeting }]) {
      const server = await startScripted(t, script);
      assert.deepEqual(await check(server.endpoint, '', 100), connected);
      const { ended, error } = await server.closed(0);
      assert.deepEqual({ ended, error }, { ended: true, error: undefined });
    }
  });

  it('gives up a server that goes on asking, or sends garbage', async (t) => {
    const more = packet(2, '\x01more');
    for (const answers of [Array<Buffer>(20).fill(more), [garbage(600, 7), garbage(600, 8)]]) {
      const server = await startScripted(t, { greeting, answers });
      assert.deepEqual(await check(server.endpoint, ''), connected);
      const { ended, received } = await server.closed(0);
      assert.equal(ended, true);
      assert.ok(received.length < 200);
    }
  });

  it('ends at the abort', async (t) => {
    const server = await startScripted(t, { greeting });
    const controller = new AbortController();
    const definition = definitionOf(server.endpoint, '', 60_000);
    assert.deepEqual(await checkConnect(definition, controller), connected);
    controller.abort();
    await server.closed(0);
  });
});

function check(target: Endpoint, mysqlLogin: string, timeoutMs = 5000) {
  return checkConnect(definitionOf(target, mysqlLogin, timeoutMs), { signal: never });
}

function definitionOf(target: Endpoint, mysqlLogin: string, timeoutMs: number): ConnectCheck {
  return { type: 'connect', target, mysqlLogin, timeoutMs };
}

/** A packet of less than 256 bytes; each character one byte. */
function packet(number: number, text: string): Buffer {
  return Buffer.concat([Buffer.from([text.length, 0, 0, number]), Buffer.from(text, 'latin1')]);
}
