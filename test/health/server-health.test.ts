import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { NegotiateCheck } from '../../src/config/check-model.ts';
import type { ServerCheck } from '../../src/config/model.ts';
import { ServerHealth } from '../../src/health/server-health.ts';
import { checktype, config, real, virtual } from '../support/builders.ts';
import { negotiateCheck } from '../support/negotiate-check.ts';

const now = new Date('2026-11-20T12:00:00Z');
const result = (up: boolean) => ({
  outcome: { up, reason: up ? '200 OK' : 'connection refused' },
  durationMs: 3,
  at: now,
});
const otherId = { family: 'inet', protocol: 'tcp', address: '10.9.0.31', port: 80 } as const;
const first = 'tcp:10.9.0.30:80 10.9.0.2:80';
const second = 'tcp:10.9.0.31:80 10.9.0.2:80';

/** The only probe of a health. */
function onlyProbe(health: ServerHealth): string {
  const [key, ...others] = [...health.probes().keys()];
  assert.ok(key !== undefined && others.length === 0);
  return key;
}

/** Whether each server is up, in the order of the file. */
const upOnes = (health: ServerHealth) => Array.from(health.view(now).values(), ({ up }) => up);

describe('ServerHealth', () => {
  const one = { reals: [real('10.9.0.2')] };

  it('begins with what the kernel has in service', () => {
    const health = new ServerHealth();
    health.configure(
      config(virtual(one), virtual({ ...one, id: otherId })),
      new Set([second]),
      now,
    );
    assert.deepEqual([...health.view(now).keys()], [first, second]);
    assert.deepEqual(upOnes(health), [false, true]);
  });

  it('knows a check again whose name has moved up, as one before it was taken out', () => {
    const port = (name: string, number: number) => {
      const target = { family: 'inet', address: '10.9.0.2', port: number } as const;
      return checktype({ type: 'connect', target, timeoutMs: 1000 }, { name });
    };
    const fileWith = (...checks: readonly ServerCheck[]) =>
      config(virtual({ reals: [real('10.9.0.2', { checks })] }));
    const health = new ServerHealth();
    health.configure(fileWith(port('x', 80), port('x#2', 81)), new Set(), now);
    const [good = '', bad = ''] = health.probes().keys();
    health.enter(good, result(true));
    health.enter(bad, result(false));
    assert.deepEqual(upOnes(health), [false]);
    health.configure(fileWith(port('x', 81)), new Set(), now);
    assert.deepEqual(upOnes(health), [false]);
    health.configure(fileWith(port('x', 82)), new Set(), now);
    assert.deepEqual(upOnes(health), [false]);
  });

  it('runs identical checks of several virtuals once, and counts for each', () => {
    const health = new ServerHealth();
    const patient = virtual({ ...one, id: otherId, failureCount: 3 });
    health.configure(config(virtual(one), patient), new Set(), now);
    const probe = onlyProbe(health);
    health.enter(probe, result(true));
    assert.deepEqual(upOnes(health), [true, true]);
    const events = health.enter(probe, result(false));
    assert.deepEqual(
      events.map(({ serverKey, kind, failures }) => [serverKey, kind, failures]),
      [
        [first, 'down', 0],
        [second, 'soft-failure', 1],
      ],
    );
    assert.deepEqual(upOnes(health), [false, true]);
    const back = health.enter(probe, result(true)).map(({ kind }) => kind);
    assert.deepEqual(back, ['up', 'soft-failure-reset']);
  });

  it('runs checks with different intervals apart', () => {
    const health = new ServerHealth();
    const slow = virtual({
      ...one,
      id: otherId,
      intervals: { ...virtual().intervals, normalMs: 5000 },
    });
    health.configure(config(virtual(one), slow), new Set(), now);
    assert.equal(health.probes().size, 2);
  });

  it('runs checks with another login or password apart', () => {
    const target = { family: 'inet', address: '10.9.0.2', port: 80 } as const;
    const asking = (changes: Partial<NegotiateCheck>, port: number) =>
      virtual({
        id: { ...otherId, port },
        reals: [real('10.9.0.2', { checks: [checktype(negotiateCheck(target, changes))] })],
      });
    const health = new ServerHealth();
    const joe = { service: 'pop', login: 'joe', passwd: 'a' } as const;
    const all = [joe, { ...joe, passwd: 'b' }, { ...joe, login: 'eve' }, joe];
    health.configure(config(...all.map((check, i) => asking(check, 80 + i))), new Set(), now);
    assert.equal(health.probes().size, 3);
  });

  it('keeps what it knows when the file changes, even the check', () => {
    const health = new ServerHealth();
    health.configure(config(virtual(one)), new Set(), now);
    health.enter(onlyProbe(health), result(true));
    const ping = {
      type: 'ping',
      family: 'inet',
      address: '10.9.0.2',
      attempts: 1,
      timeoutMs: 1,
    } as const;
    const changed = virtual({
      reals: [real('10.9.0.2', { checks: [checktype(ping)], weight: 7 }), real('10.9.0.3')],
    });
    health.configure(config(changed), new Set(), now);
    assert.deepEqual(upOnes(health), [true, false]);
  });

  it('takes checktype=on for up and checktype=off for what the kernel says, without a probe', () => {
    const health = new ServerHealth();
    const reals = [
      real('10.9.0.2', { checks: [checktype({ type: 'on' })] }),
      real('10.9.0.3', { checks: [checktype({ type: 'off' })] }),
      real('10.9.0.4', { checks: [checktype({ type: 'off' })] }),
    ];
    health.configure(config(virtual({ reals })), new Set(['tcp:10.9.0.30:80 10.9.0.4:80']), now);
    assert.equal(health.probes().size, 0);
    assert.deepEqual(upOnes(health), [true, false, true]);
  });

  it('passes over results of probes that nobody has any more', () => {
    const health = new ServerHealth();
    health.configure(config(virtual(one)), new Set(), now);
    const probe = onlyProbe(health);
    health.configure(config(), new Set(), now);
    assert.deepEqual(health.enter(probe, result(true)), []);
  });

  it('leaves health alone when the check could not be made', () => {
    const health = new ServerHealth();
    health.configure(config(virtual(one)), new Set(), now);
    const probe = onlyProbe(health);
    health.enter(probe, result(true));
    const outcome = { up: false, reason: 'too many open files', inconclusive: true } as const;
    const events = health.enter(probe, { ...result(false), outcome });
    assert.deepEqual(
      events.map(({ kind }) => kind),
      ['cannot-check'],
    );
    assert.deepEqual(health.enter(probe, { ...result(false), outcome }), []);
    assert.deepEqual(upOnes(health), [true]);
    assert.equal(health.record(first)?.checks[0]?.last?.outcome, outcome);
  });

  it('asks faster while the verdict is about to change, and at its own pace while down', () => {
    const health = new ServerHealth();
    const intervals = { normalMs: 10_000, fastMs: 1000, downMs: 30_000 };
    const one = { reals: [real('10.9.0.2')], intervals, failureCount: 2, rise: 2 };
    health.configure(config(virtual(one)), new Set(), now);
    const probe = onlyProbe(health);
    const afterwards = ['+', '-', '+', '-', '-', '-', '+', '+'].map((sign) => {
      health.enter(probe, result(sign === '+'));
      return health.intervalMs(probe);
    });
    const [normal, fast, down] = [10_000, 1000, 30_000];
    assert.deepEqual(afterwards, [normal, fast, normal, fast, down, down, fast, normal]);
  });

  it('follows the most impatient server of a shared probe', () => {
    const health = new ServerHealth();
    const intervals = { normalMs: 10_000, fastMs: 1000, downMs: 30_000 };
    const reals = [real('10.9.0.2')];
    const patient = virtual({ reals, intervals, id: otherId, failureCount: 3 });
    health.configure(config(virtual({ reals, intervals }), patient), new Set(), now);
    const probe = onlyProbe(health);
    health.enter(probe, result(true));
    health.enter(probe, result(false));
    assert.equal(health.intervalMs(probe), 1000);
  });

  it('remembers when a server was lost, until it is back', () => {
    const health = new ServerHealth();
    health.configure(config(virtual(one)), new Set(), now);
    const probe = onlyProbe(health);
    health.enter(probe, result(false));
    assert.equal(health.record(first)?.lostAt, undefined);
    health.enter(probe, result(true));
    health.enter(probe, result(false));
    health.enter(probe, { ...result(false), at: new Date('2026-11-20T13:00:00Z') });
    assert.equal(health.record(first)?.lostAt, now);
    health.enter(probe, result(true));
    assert.equal(health.record(first)?.lostAt, undefined);
  });

  it('remembers the last result and since when', () => {
    const health = new ServerHealth();
    health.configure(config(virtual(one)), new Set(), now);
    const later = new Date('2026-11-20T12:00:05Z');
    health.enter(onlyProbe(health), { ...result(true), at: later });
    health.enter(onlyProbe(health), result(true));
    assert.equal(health.record(first)?.since, later);
    assert.equal(health.record(first)?.checks[0]?.last?.outcome.reason, '200 OK');
  });

  describe('with several checks of one server', () => {
    const on = (port: number, changes: Partial<ServerCheck> = {}) =>
      checktype(
        { type: 'connect', target: { family: 'inet', address: '10.9.0.2', port }, timeoutMs: 1000 },
        { name: `tcp ${port}`, ...changes },
      );
    const both = [on(80), on(81)];
    const started = (checks: readonly ServerCheck[], inService = new Set<string>()) => {
      const health = new ServerHealth();
      health.configure(config(virtual({ reals: [real('10.9.0.2', { checks })] })), inService, now);
      return { health, probes: [...health.probes().keys()] };
    };
    const kinds = (health: ServerHealth, probe = '', up = true) =>
      health.enter(probe, result(up)).map(({ kind, check }) => `${kind} by ${check.name}`);

    it('is up when all have answered well, and tells it once', () => {
      const { health, probes } = started(both);
      assert.deepEqual(kinds(health, probes[0]), []);
      assert.deepEqual(upOnes(health), [false]);
      assert.deepEqual(kinds(health, probes[1]), ['up by tcp 81']);
      assert.deepEqual(upOnes(health), [true]);
    });

    it('is down as soon as one is, and up again only with the last of them', () => {
      const { health, probes } = started(both, new Set([first]));
      assert.deepEqual(kinds(health, probes[0], false), ['down by tcp 80']);
      assert.deepEqual(kinds(health, probes[1], false), []);
      assert.deepEqual(kinds(health, probes[0], true), []);
      assert.deepEqual(upOnes(health), [false]);
      assert.deepEqual(kinds(health, probes[1], true), ['up by tcp 81']);
    });

    it('knows that a server is down by its first bad answer, without waiting for the others', () => {
      const { health, probes } = started(both);
      assert.deepEqual(kinds(health, probes[1], false), ['down by tcp 81']);
      assert.equal(health.record(first)?.state.checked, true);
    });

    it('counts failures for each check by its own limit', () => {
      const { health, probes } = started([on(80, { failureCount: 2 }), on(81)], new Set([first]));
      assert.deepEqual(kinds(health, probes[0], false), ['soft-failure by tcp 80']);
      assert.deepEqual(kinds(health, probes[1], true), []);
      assert.deepEqual(kinds(health, probes[0], false), ['down by tcp 80']);
    });

    it('is in from the beginning where no check is pessimistic', () => {
      const { health, probes } = started([on(80, { alpha: false }), on(81, { alpha: false })]);
      assert.deepEqual(upOnes(health), [true]);
      assert.deepEqual(kinds(health, probes[1], false), ['down by tcp 81']);
    });

    it('a further check of a server that is known changes nothing until it has answered', () => {
      const { health, probes } = started([on(80)]);
      health.enter(probes[0] ?? '', result(true));
      const reals = [real('10.9.0.2', { checks: both })];
      health.configure(config(virtual({ reals })), new Set(), now);
      assert.deepEqual(upOnes(health), [true]);
      assert.deepEqual(kinds(health, [...health.probes().keys()][1], false), ['down by tcp 81']);
      health.configure(
        config(virtual({ reals: [real('10.9.0.2', { checks: [on(80)] })] })),
        new Set(),
        now,
      );
      assert.deepEqual(upOnes(health), [true]);
    });
  });
});
