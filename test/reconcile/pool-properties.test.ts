import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { CheckOutcome } from '../../src/checks/check.ts';
import { serverKey } from '../../src/config/keys.ts';
import type { FallbackServer, VirtualServer } from '../../src/config/model.ts';
import { ServerHealth } from '../../src/health/server-health.ts';
import { destinationKey } from '../../src/ipvs-netlink/keys.ts';
import type { Table } from '../../src/ipvs-netlink/model.ts';
import { desired } from '../../src/reconcile/desired.ts';
import { Quorums } from '../../src/reconcile/quorum.ts';
import { config, real, virtual } from '../support/builders.ts';
import { assertNeverEmpty } from '../support/never-empty.ts';

const addresses = ['10.9.0.2', '10.9.0.3', '10.9.0.4'];
const holdMs = 5000;

const arbitraryVirtual = fc
  .record({
    weights: fc.tuple(fc.integer({ min: 1, max: 20 }), fc.nat(20), fc.nat(20)),
    failureCount: fc.integer({ min: 1, max: 3 }),
    rise: fc.integer({ min: 1, max: 3 }),
    quiescent: fc.boolean(),
    fallbackQuiescent: fc.boolean(),
    slowStartMs: fc.constantFrom(0, 7000),
    damped: fc.boolean(),
    quorum: fc.option(
      fc.record({ weight: fc.integer({ min: 1, max: 30 }), hysteresis: fc.nat(5) }),
    ),
    tiers: fc.subarray([1, 2, 3]),
  })
  .map(({ weights, damped, quorum, tiers, ...rest }) =>
    virtual({
      ...rest,
      reals: addresses.map((address, i) => real(address, { weight: weights[i] ?? 1 })),
      fallbacks: tiers.map(tier),
      ...(damped && { damping: { minMs: holdMs, maxMs: 4 * holdMs } }),
      ...(quorum && { quorum }),
    }),
  );

/** A fallback with a check of its own; the last tier has none. */
function tier(priority: number): FallbackServer {
  const { key: _, ...server } = real(`10.9.0.${6 + priority}`);
  const checks = priority === 3 ? [] : server.checks;
  return { ...server, key: `fallback ${server.address}:80`, priority, checks };
}

/** Which server answers, how, and how long after the answer before. */
const answers = fc.array(
  fc.record({
    probe: fc.nat(20),
    up: fc.boolean(),
    inconclusive: fc.boolean(),
    afterMs: fc.integer({ min: 0, max: 3000 }),
  }),
  { maxLength: 60 },
);

/** Plays answers into a health, and shows each table that is wished on the way. */
function play(
  of: VirtualServer,
  results: readonly { probe: number; up: boolean; inconclusive: boolean; afterMs: number }[],
  look: (table: Table, health: ServerHealth, now: Date) => void,
): void {
  const file = config(of);
  const health = new ServerHealth();
  let now = new Date('2026-11-20T12:00:00Z');
  health.configure(file, new Set(), now);
  const quorums = new Quorums();
  const probes = [...health.probes().keys()];
  for (const { probe, up, inconclusive, afterMs } of results) {
    now = new Date(now.getTime() + afterMs);
    const outcome: CheckOutcome = { up, reason: '', ...(inconclusive && { inconclusive }) };
    health.enter(probes[probe % probes.length] ?? '', { outcome, durationMs: 1, at: now });
    const view = health.view(now);
    look(desired(file, view, new Map(), quorums.update(file, view, new Map())), health, now);
  }
}

describe('pool, whatever the checks answer', () => {
  it('no weight is outside of 0 to what the file says', () => {
    fc.assert(
      fc.property(arbitraryVirtual, answers, (v, results) => {
        const limits = new Map<string, number>([
          ...v.reals.map((r) => [`${r.address}:80`, r.weight] as [string, number]),
          ...v.fallbacks.map((f) => [`${f.address}:80`, f.weight] as [string, number]),
        ]);
        play(v, results, ([service]) => {
          for (const { id, weight } of service?.destinations ?? []) {
            assert.ok(weight >= 0 && weight <= (limits.get(destinationKey(id)) ?? -1));
          }
        });
      }),
    );
  });

  it('a pool is never empty while one of its servers, real or fallback, is up', () => {
    fc.assert(
      fc.property(arbitraryVirtual, answers, (v, results) => {
        play(v, results, ([service], health) => {
          const isUp = (server: { key: string; weight: number }) =>
            server.weight > 0 && health.record(serverKey(v, server))?.state.up === true;
          const anyUp =
            v.reals.some(isUp) || v.fallbacks.some((f) => f.checks.length === 0 || isUp(f));
          const isServed = service?.destinations.some(({ weight }) => weight > 0);
          // a server of weight 0 that is up keeps the fallback out, as with ldirectord
          const isParked = v.reals.some(
            (r) => r.weight === 0 && health.record(serverKey(v, r))?.state.up,
          );
          assert.ok(isServed || isParked || !anyUp);
        });
      }),
    );
  });

  it('nor at any moment between two tables: each operation on its own leaves one in', async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryVirtual, answers, async (v, results) => {
        const tables: Table[] = [];
        play(v, results, (table) => tables.push(table));
        await assertNeverEmpty(tables);
      }),
      { numRuns: 60 },
    );
  });

  it('a damped server does not come back before its hold is over', () => {
    fc.assert(
      fc.property(arbitraryVirtual, answers, (any, results) => {
        const v = { ...any, damping: { minMs: holdMs, maxMs: 4 * holdMs } };
        const lostAt = new Map<string, number>();
        const wasUp = new Map<string, boolean>();
        play(v, results, (_, health, now) => {
          for (const { key } of v.reals) {
            const isUp = health.record(serverKey(v, { key }))?.state.up ?? false;
            if (wasUp.get(key) && !isUp) lostAt.set(key, now.getTime());
            const lost = lostAt.get(key);
            if (isUp && !wasUp.get(key) && lost !== undefined) {
              assert.ok(now.getTime() - lost >= holdMs);
            }
            wasUp.set(key, isUp);
          }
        });
      }),
    );
  });

  it('a slow start ends with the whole weight, by itself', () => {
    const v = virtual({ slowStartMs: 7000, reals: [real('10.9.0.2', { weight: 20 })] });
    const file = config(v);
    const health = new ServerHealth();
    const start = new Date('2026-11-20T12:00:00Z');
    health.configure(file, new Set(), start);
    const [probe = ''] = health.probes().keys();
    const answer = (up: boolean, ms: number) =>
      health.enter(probe, {
        outcome: { up, reason: '' },
        durationMs: 1,
        at: new Date(start.getTime() + ms),
      });
    answer(false, 0);
    answer(true, 1000);
    const weights: number[] = [];
    let ms: number | undefined = 0;
    for (let at = 1000; ms !== undefined; at += ms ?? 0) {
      const now = new Date(at + start.getTime());
      const [service] = desired(file, health.view(now), new Map());
      weights.push(service?.destinations[0]?.weight ?? -1);
      ms = health.untilChangeMs(now);
    }
    assert.deepEqual(weights, [1, 3, 5, 7, 9, 10, 12, 14, 16, 18, 20]);
  });
});

describe('health that depends on more than one result', () => {
  const server = real('10.9.0.2', { weight: 10 });
  const at = (s: number) => new Date(Date.UTC(2026, 10, 20, 12, 0, s));
  const bench = (of: Partial<VirtualServer>) => {
    const v = virtual({ reals: [server], ...of });
    const health = new ServerHealth();
    health.configure(config(v), new Set(), at(0));
    const [probe = ''] = health.probes().keys();
    const enter = (s: number, outcome: CheckOutcome) =>
      health.enter(probe, { outcome, durationMs: 1, at: at(s) }).map(({ kind }) => kind);
    const condition = (s: number) => health.view(at(s)).get(serverKey(v, server));
    const reload = (s: number, changes: Partial<VirtualServer>) =>
      health.configure(config(virtual({ reals: [server], ...changes })), new Set(), at(s));
    return { enter, condition, reload };
  };
  const good = { up: true, reason: 'ok' };
  const bad = { up: false, reason: 'refused' };

  it('damping: tells once that a good server is held, and lets it in when the hold is over', () => {
    const { enter } = bench({ damping: { minMs: 10_000, maxMs: 60_000 } });
    assert.deepEqual(enter(0, good), ['up']);
    assert.deepEqual(enter(1, bad), ['down']);
    assert.deepEqual(enter(2, good), ['held']);
    assert.deepEqual(enter(3, good), []);
    assert.deepEqual(enter(11, good), ['up']);
    assert.deepEqual(enter(12, bad), ['down']);
    assert.deepEqual(enter(31, good), ['held']);
    assert.deepEqual(enter(32, good), ['up']);
  });

  it('damping: a reload lets no server in that is held, unless the file has no damping now', () => {
    const damping = { minMs: 10_000, maxMs: 60_000 };
    const { enter, condition, reload } = bench({ damping });
    enter(0, good);
    enter(1, bad);
    assert.deepEqual(enter(2, good), ['held']);
    reload(3, { damping });
    assert.equal(condition(3)?.up, false);
    assert.deepEqual(enter(4, good), []);
    reload(5, {});
    assert.equal(condition(5)?.up, true);
    enter(6, bad);
    assert.deepEqual(enter(7, good), ['up']);
  });

  it('effects: hold until the next answer, inconclusive ones aside, and tell when they change', () => {
    const { enter, condition } = bench({});
    const half = { ...good, effect: { kind: 'percent', percent: 50 } } as const;
    assert.deepEqual(enter(0, half), ['up', 'weight']);
    assert.deepEqual(enter(1, half), []);
    assert.deepEqual(enter(2, { ...bad, inconclusive: true }), ['cannot-check']);
    assert.deepEqual(condition(2)?.effects, [half.effect]);
    assert.deepEqual(enter(3, good), ['weight']);
    assert.equal(condition(3)?.effects, undefined);
  });

  it('orders of the server itself: maint takes it out at once, drain only its new connections', () => {
    const { enter, condition } = bench({ failureCount: 3 });
    enter(0, good);
    assert.deepEqual(enter(1, { ...good, order: 'drain' }), ['weight']);
    assert.deepEqual(condition(1), { up: true, drains: true });
    assert.deepEqual(enter(2, { ...bad, order: 'maint' }), ['down', 'weight']);
  });
});
