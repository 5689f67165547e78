import assert from 'node:assert/strict';
import { it } from 'node:test';
import { runCheck } from '../../src/checks/registry.ts';
import type { CheckDefinition } from '../../src/config/check-model.ts';
import type { Endpoint } from '../../src/config/endpoint.ts';
import { garbage, startScripted } from './byte-server.ts';
import { refusingEndpoint } from './tcp-server.ts';

/** How long a check may take in these tests where its server never answers. */
const silentMs = 150;

/**
 * What holds for every check over TCP at a server that refuses, hangs up, is silent, or sends what
 * it should not: down, with a reason, by the deadline, and the connection is gone then.
 *
 * @param prefix what makes garbage look like an answer at first; by default nothing.
 */
export function itSurvivesUnwellServers(
  check: (
    target: Endpoint,
    changes?: { readonly timeoutMs?: number },
  ) => CheckDefinition & { readonly timeoutMs: number },
  prefix: Buffer = Buffer.alloc(0),
): void {
  const run = (target: Endpoint) => {
    const definition = check(target, { timeoutMs: silentMs });
    return runCheck(definition, { signal: AbortSignal.timeout(silentMs) });
  };

  for (const address of ['127.0.0.1', '::1']) {
    it(`is down when ${address} refuses`, async () => {
      const outcome = await runCheck(check(await refusingEndpoint(address)), {
        signal: AbortSignal.timeout(10_000),
      });
      assert.deepEqual(outcome, { up: false, reason: 'connection refused' });
    });
  }

  it('is down at the deadline when the server is silent, and leaves no connection', async (t) => {
    const server = await startScripted(t, {});
    const reason = `no answer within ${silentMs} ms`;
    assert.deepEqual(await run(server.endpoint), { up: false, reason });
    await server.closed(0);
  });

  it('is down when the server hangs up at once', async (t) => {
    const server = await startScripted(t, { greeting: 'close' });
    const definition = check(server.endpoint);
    const outcome = await runCheck(definition, { signal: AbortSignal.timeout(10_000) });
    assert.equal(outcome.up, false);
    assert.notEqual(outcome.reason, `no answer within ${definition.timeoutMs} ms`);
  });

  it('is down when the server sends garbage, whenever it does', async (t) => {
    await Promise.all(
      Array.from({ length: 24 }, async (_, seed) => {
        const noise = Array.from({ length: 4 }, (_, i) => garbage(16 + 16 * seed, 10 * seed + i));
        const [first = prefix, ...answers] = noise;
        const greets = seed % 2 === 0;
        const greeting = Buffer.concat([prefix, first]);
        const script = greets ? { greeting, answers } : { answers: [prefix, ...noise] };
        const server = await startScripted(t, script);
        const outcome = await run(server.endpoint);
        assert.equal(outcome.up, false, outcome.reason);
        await server.closed(0);
      }),
    );
  });
}
