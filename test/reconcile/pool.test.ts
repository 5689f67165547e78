import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { serverKey } from '../../src/config/keys.ts';
import type { FallbackServer, VirtualServer } from '../../src/config/model.ts';
import type { ServerCondition } from '../../src/health/server-record.ts';
import { destinationKey } from '../../src/ipvs-netlink/keys.ts';
import { desired } from '../../src/reconcile/desired.ts';
import { checktype, config, localFallback, real, virtual } from '../support/builders.ts';

const key = 'tcp:10.9.0.30:80';
const up = { up: true };
const down = { up: false };

/** The destinations as `address:port weight`, with servers in those conditions by their key. */
function weights(
  of: VirtualServer,
  conditions: Readonly<Record<string, ServerCondition>>,
  { lacksQuorum = false } = {},
) {
  const health = new Map(
    Object.entries(conditions).map(([server, condition]) => [
      serverKey(of, { key: server }),
      condition,
    ]),
  );
  const lacking = new Set(lacksQuorum ? [key] : []);
  const [service] = desired(config(of), health, new Map(), lacking);
  return service?.destinations.map((d) => `${destinationKey(d.id)} ${d.weight}`);
}

function fallback(address: string, changes: Partial<FallbackServer> = {}): FallbackServer {
  return { ...localFallback, key: `fallback ${address}:80`, address, ...changes };
}

const [one, two] = ['10.9.0.2:80', '10.9.0.3:80'];

describe('pool: quorum', () => {
  const v = virtual({ fallbacks: [localFallback], quorum: { weight: 2, hysteresis: 0 } });

  it('without it the fallback takes over, and servers that are up go like failed ones', () => {
    const lacksQuorum = true;
    assert.deepEqual(weights(v, { [one]: up, [two]: down }, { lacksQuorum }), ['127.0.0.1:80 1']);
    const quiescent = { ...v, quiescent: true };
    assert.deepEqual(weights(quiescent, { [one]: up, [two]: down }, { lacksQuorum }), [
      `${one} 0`,
      `${two} 0`,
      '127.0.0.1:80 1',
    ]);
  });

  it('without it and without a fallback that is up, the servers serve on', () => {
    const lacksQuorum = true;
    const bare = { ...v, fallbacks: [] };
    assert.deepEqual(weights(bare, { [one]: up, [two]: down }, { lacksQuorum }), [`${one} 1`]);
    const checked = {
      ...v,
      fallbacks: [fallback('10.9.0.9', { checks: [checktype({ type: 'off' })] })],
    };
    assert.deepEqual(weights(checked, { [one]: up, [two]: down }, { lacksQuorum }), [`${one} 1`]);
  });
});

describe('pool: fallbacks', () => {
  const checks = [checktype({ type: 'off' })];
  const fallbacks = [
    fallback('10.9.0.7', { priority: 1, checks, weight: 3 }),
    fallback('10.9.0.8', { priority: 1, checks }),
    fallback('10.9.0.9', { priority: 2 }),
  ];
  const v = virtual({ fallbacks });
  const [first, second] = ['fallback 10.9.0.7:80', 'fallback 10.9.0.8:80'];

  it('all of the first tier that are up take the clients, with their weights', () => {
    assert.deepEqual(weights(v, { [first]: up, [second]: up }), ['10.9.0.7:80 3', '10.9.0.8:80 1']);
    assert.deepEqual(weights(v, { [first]: down, [second]: up }), ['10.9.0.8:80 1']);
  });

  it('the next tier does, when none of the first is up; one without checks always is', () => {
    assert.deepEqual(weights(v, { [first]: down }), ['10.9.0.9:80 1']);
  });

  it('have the weight that their checks make of theirs, and give way where that is none', () => {
    const half = { up: true, effects: [{ kind: 'percent', percent: 50 }] } as const;
    assert.deepEqual(weights(v, { [first]: half, [second]: up }), [
      '10.9.0.7:80 2',
      '10.9.0.8:80 1',
    ]);
    const drains = { up: true, drains: true } as const;
    assert.deepEqual(weights(v, { [first]: drains, [second]: up }), ['10.9.0.8:80 1']);
    const empty = { up: true, effects: [{ kind: 'percent', percent: 0 }] } as const;
    assert.deepEqual(weights(v, { [first]: empty, [second]: drains }), ['10.9.0.9:80 1']);
  });

  it('stay with weight 0 with fallbackquiescent while they are not in use', () => {
    const quiescent = { ...v, fallbackQuiescent: true };
    const idle = ['10.9.0.7:80 0', '10.9.0.8:80 0', '10.9.0.9:80 0'];
    assert.deepEqual(weights(quiescent, { [one]: up, [first]: up }), [`${one} 1`, ...idle]);
    assert.deepEqual(weights(quiescent, { [first]: up }), ['10.9.0.7:80 3', ...idle.slice(1)]);
  });
});

describe('pool: weights', () => {
  const v = virtual({ reals: [real('10.9.0.2', { weight: 10 })], fallbacks: [localFallback] });

  it('are what checks make of them, less while the server starts slowly', () => {
    const half = { up: true, effects: [{ kind: 'percent', percent: 50 }] } as const;
    assert.deepEqual(weights(v, { [one]: half }), [`${one} 5`]);
    assert.deepEqual(weights(v, { [one]: { ...half, share: 0.4 } }), [`${one} 2`]);
  });

  it('of nothing, and a server that asks to be drained, leave it in with 0 and bring the fallback', () => {
    const expected = [`${one} 0`, '127.0.0.1:80 1'];
    const empty = { up: true, effects: [{ kind: 'percent', percent: 0 }] } as const;
    assert.deepEqual(weights(v, { [one]: empty }), expected);
    assert.deepEqual(weights(v, { [one]: { up: true, drains: true } }), expected);
  });

  it('inhibit of one server comes before quiescent of its virtual', () => {
    const reals = [real('10.9.0.2', { inhibit: true }), real('10.9.0.3')];
    assert.deepEqual(weights(virtual({ reals }), { [two]: up }), [`${one} 0`, `${two} 1`]);
    const other = [real('10.9.0.2', { inhibit: false }), real('10.9.0.3')];
    const quiescent = virtual({ reals: other, quiescent: true });
    assert.deepEqual(weights(quiescent, {}), [`${two} 0`]);
  });
});

describe('pool: what goes to the kernel', () => {
  it('tunnels have the envelope of the file, and persistence its engine', () => {
    const tunnel = { type: 'gue', port: 6080, checksum: 'csum' } as const;
    const reals = [real('10.9.0.2', { forward: 'ipip', tunnel })];
    const v = virtual({ reals, persistentS: 60, persistentEngine: 'sip' });
    const health = new Map([[serverKey(v, { key: one }), up]]);
    const [service] = desired(config(v), health, new Map());
    assert.equal(service?.persistenceEngine, 'sip');
    assert.deepEqual(service?.destinations[0]?.tunnel, tunnel);
    const [without] = desired(config({ ...v, persistentS: 0 }), health, new Map());
    assert.equal(without?.persistenceEngine, '');
  });
});
