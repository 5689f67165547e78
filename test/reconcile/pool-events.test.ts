import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { CheckOutcome, WeightEffect } from '../../src/checks/check.ts';
import { serverKey } from '../../src/config/keys.ts';
import type { FallbackServer, VirtualServer } from '../../src/config/model.ts';
import { ServerHealth } from '../../src/health/server-health.ts';
import type { Table } from '../../src/ipvs-netlink/model.ts';
import { serversInService } from '../../src/reconcile/adopt.ts';
import { desired } from '../../src/reconcile/desired.ts';
import type { AdminOrder, Health } from '../../src/reconcile/pool.ts';
import { Quorums } from '../../src/reconcile/quorum.ts';
import { effectiveWeight } from '../../src/reconcile/weights.ts';
import { config, real, virtual } from '../support/builders.ts';
import { assertNeverEmpty } from '../support/never-empty.ts';

const addresses = ['10.9.0.2', '10.9.0.3', '10.9.0.4'];
const maxWeight = 2_147_483_647;

const number = fc.integer({ min: -maxWeight, max: maxWeight });
const effect: fc.Arbitrary<WeightEffect> = fc.oneof(
  fc.record({ kind: fc.constant('weight' as const), weight: fc.nat(253) }),
  fc.record({ kind: fc.constant('offset' as const), offset: number }),
  fc.record({ kind: fc.constant('percent' as const), percent: fc.nat(999_999_999) }),
  fc.record({ kind: fc.constant('percent' as const), percent: fc.nat(100) }),
);

/** What the file may say; every variant has the same section, with all or some of the servers. */
const arbitraryFile = fc
  .record({
    reals: fc.subarray([0, 1, 2], { minLength: 1 }),
    weights: fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 3, maxLength: 3 }),
    quiescent: fc.boolean(),
    persistentClean: fc.boolean(),
    fallbackQuiescent: fc.boolean(),
    slowStartMs: fc.constantFrom(0, 7000),
    damping: fc.option(fc.constant({ minMs: 5000, maxMs: 20_000 })),
    quorum: fc.option(
      fc.record({ weight: fc.integer({ min: 1, max: 40 }), hysteresis: fc.nat(40) }),
    ),
    minServers: fc.option(
      fc.oneof(
        fc.record({ count: fc.nat(4) }),
        fc.record({ percent: fc.integer({ min: 1, max: 100 }) }),
      ),
    ),
    tiers: fc.subarray([1, 2, 3]),
  })
  .map(({ reals, weights, damping, quorum, minServers, tiers, ...rest }) =>
    virtual({
      ...rest,
      reals: reals.map((i) => real(addresses[i] ?? '', { weight: weights[i] ?? 1 })),
      fallbacks: tiers.map(tier),
      ...(damping && { damping }),
      ...(quorum && { quorum }),
      ...(minServers && { minServers }),
    }),
  );

function tier(priority: number): FallbackServer {
  const { key: _, ...server } = real(`10.9.0.${6 + priority}`);
  const checks = priority === 3 ? [] : server.checks;
  return { ...server, key: `fallback ${server.address}:80`, priority, checks };
}

const outcome: fc.Arbitrary<CheckOutcome> = fc
  .record({
    up: fc.boolean(),
    inconclusive: fc.constantFrom(false, false, false, true),
    effect: fc.option(effect, { freq: 2 }),
    order: fc.constantFrom('none', 'none', 'drain', 'maint'),
  })
  .map(({ up, inconclusive, effect: moved, order }) => ({
    up: up && order !== 'maint',
    reason: '',
    ...(inconclusive && { inconclusive }),
    ...(moved && { effect: moved }),
    ...((order === 'drain' || order === 'maint') && { order }),
  }));

type Happening =
  | { readonly kind: 'answer'; readonly probe: number; readonly outcome: CheckOutcome }
  | { readonly kind: 'order'; readonly server: number; readonly order: AdminOrder | 'none' }
  | { readonly kind: 'reload'; readonly file: number }
  /** Negative: the clock is set back. */
  | { readonly kind: 'wait'; readonly ms: number };

const happenings = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ kind: fc.constant('answer'), probe: fc.nat(9), outcome }) },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('order'),
        server: fc.nat(2),
        order: fc.constantFrom('none', 'drain', 'disable'),
      }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('reload'), file: fc.nat(2) }) },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('wait'),
        ms: fc.integer({ min: -60_000, max: 60_000 }),
      }),
    },
  ) as fc.Arbitrary<Happening>,
  { maxLength: 60 },
);

interface Look {
  readonly virtual: VirtualServer;
  readonly table: Table;
  readonly view: Health;
  readonly admin: ReadonlyMap<string, AdminOrder>;
}

/** Lets all of it happen, and shows each table that is wished on the way. */
function play(
  files: readonly VirtualServer[],
  all: readonly Happening[],
  look: (seen: Look) => void,
): void {
  const health = new ServerHealth();
  const quorums = new Quorums();
  const admin = new Map<string, AdminOrder>();
  let now = new Date('2026-11-20T12:00:00Z');
  let [of = virtual()] = files;
  let table: Table = [];
  health.configure(config(of), new Set(), now);
  for (const one of all) {
    if (one.kind === 'wait') now = new Date(now.getTime() + one.ms);
    else if (one.kind === 'reload') {
      of = files[one.file % files.length] ?? of;
      health.configure(config(of), serversInService(config(of), table), now);
    } else if (one.kind === 'order') {
      const key = serverKey(of, real(addresses[one.server] ?? ''));
      if (one.order === 'none') admin.delete(key);
      else admin.set(key, one.order);
    } else {
      const probes = [...health.probes().keys()];
      const key = probes[one.probe % probes.length] ?? '';
      health.enter(key, { outcome: one.outcome, durationMs: 1, at: now });
    }
    const view = health.view(now);
    table = desired(config(of), view, admin, quorums.update(config(of), view, admin));
    look({ virtual: of, table, view, admin });
  }
}

function weightOf(table: Table, address: string): number {
  const found = table[0]?.destinations.find(({ id }) => id.address === address);
  return found?.weight ?? 0;
}

/** It could take clients: up, without an order of anybody, with a weight. */
function isLive({ virtual: v, view, admin }: Look, server: VirtualServer['reals'][number]) {
  const key = serverKey(v, server);
  const condition = view.get(key);
  if (!condition?.up || condition.drains || admin.has(key)) return false;
  return effectiveWeight(server.weight, condition) > 0;
}

function liveFallbacks({ virtual: v, view }: Look): readonly FallbackServer[] {
  return v.fallbacks.filter((one) => {
    const condition = view.get(serverKey(v, one));
    if (one.checks.length === 0) return true;
    if (!condition?.up || condition.drains) return false;
    return effectiveWeight(one.weight, condition) > 0;
  });
}

const files = fc.array(arbitraryFile, { minLength: 1, maxLength: 3 });

function always(property: (seen: Look) => void): void {
  fc.assert(
    fc.property(files, happenings, (variants, all) => play(variants, all, property)),
    { numRuns: 300 },
  );
}

describe('pool, whatever checks, operators, files and the clock do', () => {
  it('weights are whole numbers that the kernel takes', () => {
    always(({ table }) => {
      for (const { weight } of table[0]?.destinations ?? []) {
        assert.ok(Number.isInteger(weight) && weight >= 0 && weight <= maxWeight);
      }
    });
  });

  it('it is never empty while a server, real or fallback, could take clients', () => {
    always((seen) => {
      const { virtual: v, table } = seen;
      const anyLive = v.reals.some((one) => isLive(seen, one)) || liveFallbacks(seen).length > 0;
      const isServed = table[0]?.destinations.some(({ weight }) => weight > 0) ?? false;
      assert.ok(isServed || !anyLive);
    });
  });

  it('a server with an order, of the operator or its own, gets no new clients', () => {
    always(({ virtual: v, table, view, admin }) => {
      for (const server of v.reals) {
        const key = serverKey(v, server);
        const condition = view.get(key);
        if (admin.has(key) || (condition?.up && condition.drains)) {
          assert.equal(weightOf(table, server.address), 0);
        }
      }
    });
  });

  it('real servers and fallbacks never serve together, and fallbacks of one tier alone', () => {
    always((seen) => {
      const { virtual: v, table } = seen;
      const inUse = v.fallbacks.filter(({ address }) => weightOf(table, address) > 0);
      if (inUse.length === 0) return;
      assert.ok(v.reals.every(({ address }) => weightOf(table, address) === 0));
      const first = Math.min(...liveFallbacks(seen).map(({ priority }) => priority));
      assert.ok(inUse.every(({ priority }) => priority === first));
    });
  });

  it('a lost quorum brings in the fallback, also when minservers keeps servers', () => {
    always((seen) => {
      const { virtual: v, table, view } = seen;
      if (v.quorum === undefined || liveFallbacks(seen).length === 0) return;
      const live = v.reals
        .filter((one) => isLive(seen, one))
        .reduce((sum, one) => {
          const condition = view.get(serverKey(v, one));
          return sum + effectiveWeight(one.weight, condition ?? {});
        }, 0);
      const { weight, hysteresis } = v.quorum;
      const realsServe = v.reals.some(({ address }) => weightOf(table, address) > 0);
      if (live >= weight + hysteresis && live > 0) assert.ok(realsServe);
      if (live < weight - hysteresis || live === 0) assert.ok(!realsServe);
    });
  });

  it('no operation between two tables leaves it empty, reloads included', async () => {
    await fc.assert(
      fc.asyncProperty(files, happenings, async (variants, all) => {
        const tables: Table[] = [];
        play(variants, all, ({ table }) => tables.push(table));
        await assertNeverEmpty(tables);
      }),
      { numRuns: 60 },
    );
  });
});
