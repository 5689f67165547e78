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
  return negotiateCheck(target, { service: 'pgsql', ...login, ...changes });
}

// What a good server does is shown by a real one: test/kernel/servers-databases.test.ts.
describe('checkPgsql', () => {
  itSurvivesUnwellServers(check);

  describe('after a refusal of TLS', () => {
    // Alone in its datagram, so that the rest is read as messages.
    itSurvivesUnwellServers(check, Buffer.from('N'));
  });

  it('asks nobody without a login or a query, and says so', async () => {
    const nowhere = await refusingEndpoint();
    for (const [changes, reason] of [
      [{ login: '' }, 'pgsql needs "login", it is not set'],
      [{ request: '/' }, 'pgsql needs an SQL query as "request", it is not set'],
    ] as const) {
      assert.deepEqual(await runCheck(check(nowhere, changes), context()), { up: false, reason });
    }
  });

  it('is down when the answer to the wish for TLS is none', async (t) => {
    for (const answer of ['X', 'NN', 'SX', 'E\0\0\0\x08oops']) {
      const server = await startScripted(t, { answers: [Buffer.from(answer, 'latin1')] });
      const outcome = await runCheck(check(server.endpoint), context());
      assert.deepEqual(outcome, { up: false, reason: 'not the answer of a PostgreSQL server' });
      assert.equal((await server.closed(0)).received, '\0\0\0\x08\x04\xd2\x16\x2f');
    }
  });

  it('gives the reason of a server that refuses', async (t) => {
    const answers = [Buffer.from('N'), report('SFATAL\0C53300\0Mtoo many clients already\0\0')];
    const server = await startScripted(t, { answers });
    const outcome = await runCheck(check(server.endpoint), context());
    assert.deepEqual(outcome, { up: false, reason: 'too many clients already' });
  });

  it('is down, and goes on, when the fields of a report never end', async (t) => {
    for (const fields of ['', 'SFATAL', 'SFATAL\0', 'SFATAL\0Mno end']) {
      const server = await startScripted(t, { answers: [Buffer.from('N'), report(fields)] });
      const outcome = await runCheck(check(server.endpoint), context());
      assert.deepEqual(outcome, { up: false, reason: 'not the answer of a PostgreSQL server' });
    }
  });
});

/** An ErrorResponse with these fields, each character one byte. */
function report(fields: string): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(4 + fields.length);
  return Buffer.concat([Buffer.from('E'), length, Buffer.from(fields, 'latin1')]);
}
