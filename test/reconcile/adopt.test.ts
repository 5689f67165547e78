import assert from 'node:assert/strict';
import { it } from 'node:test';
import { serverKey } from '../../src/config/keys.ts';
import { serversInService } from '../../src/reconcile/adopt.ts';
import { desired } from '../../src/reconcile/desired.ts';
import { config, real, virtual } from '../support/builders.ts';

it('what the kernel sends clients to is in service, fallbacks as well as real servers', () => {
  const server = real('10.9.0.9');
  const fallback = { ...server, key: 'fallback 10.9.0.9:80', priority: 1 };
  const v = virtual({ reals: [real('10.9.0.2'), real('10.9.0.3')], fallbacks: [fallback] });
  const file = config(v);
  const keysWith = (...up: readonly { readonly key: string }[]) => {
    const health = new Map(up.map((one) => [serverKey(v, one), { up: true }]));
    return [...serversInService(file, desired(file, health, new Map()))];
  };
  assert.deepEqual(keysWith(real('10.9.0.3')), [serverKey(v, real('10.9.0.3'))]);
  assert.deepEqual(keysWith(fallback), [serverKey(v, fallback)]);
});
