import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { runCheck } from '../../src/checks/registry.ts';
import type { NegotiateCheck } from '../../src/config/check-model.ts';
import type { Endpoint } from '../../src/config/endpoint.ts';
import { startScripted } from '../support/byte-server.ts';
import { negotiateCheck } from '../support/negotiate-check.ts';
import { refusingEndpoint } from '../support/tcp-server.ts';
import { itSurvivesUnwellServers } from '../support/unwell-servers.ts';

const context = () => ({ signal: AbortSignal.timeout(10_000) });

function check(target: Endpoint, changes: Partial<NegotiateCheck> = {}): NegotiateCheck {
  const login = { login: 'check', passwd: 'secret', database: 'shop', request: '/SELECT 1' };
  return negotiateCheck(target, { service: 'mysql', ...login, ...changes });
}

// What a good server does is shown by a real one: test/kernel/servers-databases.test.ts.
describe('checkMysql', () => {
  // A greeting of protocol 10, so that what follows is read as the rest of it.
  itSurvivesUnwellServers(check, Buffer.from([64, 0, 0, 0, 10]));

  it('asks nobody without a login or a query, and says so', async () => {
    const nowhere = await refusingEndpoint();
    for (const [changes, reason] of [
      [{ login: '' }, 'mysql needs "login", it is not set'],
      [{ request: '/' }, 'mysql needs an SQL query as "request", it is not set'],
      [{ request: '/ ' }, 'mysql needs an SQL query as "request", it is not set'],
    ] as const) {
      assert.deepEqual(await runCheck(check(nowhere, changes), context()), { up: false, reason });
    }
  });

  it('gives the reason of a server that refuses at the door', async (t) => {
    const text = '\xff\x10\x04Too many connections';
    const packet = Buffer.concat([
      Buffer.from([text.length, 0, 0, 0]),
      Buffer.from(text, 'latin1'),
    ]);
    const server = await startScripted(t, { greeting: packet });
    const outcome = await runCheck(check(server.endpoint), context());
    assert.deepEqual(outcome, { up: false, reason: 'Too many connections' });
  });
});
