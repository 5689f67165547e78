import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CheckOutcome } from '../../src/checks/check.ts';
import type { CheckDefinition } from '../../src/config/check-model.ts';
import type { RunLimits } from '../../src/health/run-limits.ts';
import {
  type ProbeDefinition,
  type ProbeResult,
  ProbeScheduler,
} from '../../src/health/scheduler.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

const good: CheckOutcome = { up: true, reason: 'fine' };

describe('ProbeScheduler: rhythm', () => {
  it('starts a probe at once and then at its interval, from start to start', async () => {
    const bench = new Bench(takes(300));
    bench.set({ a: 1000 });
    await bench.clock.advance(3500);
    assert.deepEqual(bench.starts('a'), [0, 1000, 2000, 3000]);
    assert.deepEqual(
      bench.results.map((result) => result.durationMs),
      [300, 300, 300, 300],
    );
  });

  it('starts a batch quickly, but not in one moment', async () => {
    const bench = new Bench(takes(0));
    bench.set(many(100, 10_000));
    await bench.clock.advance(198);
    assert.deepEqual(
      Array.from({ length: 100 }, (_, i) => bench.starts(`p${i}`)[0]),
      Array.from({ length: 100 }, (_, i) => 2 * i),
    );
  });

  it('then spreads them evenly, and never waits longer than the interval', async () => {
    const bench = new Bench(takes(0));
    const intervalMs = 10_000;
    bench.set(many(1000, intervalMs));
    await bench.clock.advance(4 * intervalMs);
    const buckets = new Map<number, number>();
    for (const { atMs } of bench.started.filter((start) => start.atMs >= 2 * intervalMs)) {
      const bucket = Math.floor(atMs / 100) % 100;
      buckets.set(bucket, (buckets.get(bucket) ?? 0) + 1);
    }
    assert.equal(buckets.size, 100);
    for (const count of buckets.values()) assert.ok(count >= 16 && count <= 24, `${count} of 20`);
    for (const key of ['p0', 'p1', 'p500', 'p999']) {
      const gaps = differences(bench.starts(key));
      assert.ok(Math.max(...gaps) <= intervalMs + 1e-6, `${key}: ${gaps.join(' ')}`);
      for (const gap of gaps.slice(1)) assert.ok(Math.abs(gap - intervalMs) < 1e-6);
    }
  });

  it('spreads the first runs over the warmup, and keeps the interval from then on', async () => {
    const bench = new Bench(takes(0));
    const [warmupMs, intervalMs] = [60_000, 10_000];
    bench.set(many(100, intervalMs), definitionOf, warmupMs);
    await bench.clock.advance(warmupMs + 3 * intervalMs);
    const all = Array.from({ length: 100 }, (_, i) => bench.starts(`p${i}`));
    const firsts = all.map(([first = Number.NaN]) => first);
    const tenths = Array.from({ length: 10 }, (_, tenth) => {
      const isIn = (atMs: number) => Math.floor((atMs * 10) / warmupMs) === tenth;
      return firsts.filter(isIn).length;
    });
    for (const count of tenths) assert.ok(count >= 9 && count <= 11, tenths.join(' '));
    for (const starts of all) {
      const [toGrid = 0, ...gaps] = differences(starts);
      assert.ok(toGrid <= intervalMs + 1e-6 && gaps.length > 0);
      for (const gap of gaps) assert.ok(Math.abs(gap - intervalMs) < 1e-6, `gap ${gap}`);
    }
  });

  it('a probe that is there keeps its rhythm when others come with a warmup', async () => {
    const bench = new Bench(takes(0));
    bench.set({ a: 1000 });
    await bench.clock.advance(1500);
    bench.set({ a: 1000, b: 1000 }, definitionOf, 5000);
    await bench.clock.advance(2000);
    assert.deepEqual(bench.starts('a'), [0, 1000, 2000, 3000]);
  });

  it('keeps 10,000 probes at their interval', async () => {
    const bench = new Bench(takes(0));
    bench.set(many(10_000, 10_000));
    await bench.clock.advance(29_999);
    const settled = bench.started.filter((start) => start.atMs >= 20_000).length;
    assert.ok(settled >= 9_990 && settled <= 10_010, `${settled} starts in one interval`);
    const perSlot = new Map<number, number>();
    for (const { atMs } of bench.started) {
      const slot = Math.floor(atMs / 10);
      perSlot.set(slot, (perSlot.get(slot) ?? 0) + 1);
    }
    assert.ok(Math.max(...perSlot.values()) <= 40, `${Math.max(...perSlot.values())} in 10 ms`);
    await bench.scheduler.stop();
    assert.equal(bench.clock.pending, 0);
  });

  it('starts the next run right after one that took longer than the interval', async () => {
    const bench = new Bench(takes(1500), 5000);
    bench.set({ a: 1000 });
    await bench.clock.advance(6500);
    assert.deepEqual(bench.starts('a'), [0, 1500, 3000, 4500, 6000]);
    assert.equal(bench.mostAtOnce, 1);
  });

  it('does not make up for starts that it slept through', async () => {
    const bench = new Bench(takes(0));
    bench.set({ a: 1000 });
    await bench.clock.advance(0);
    bench.clock.jump(5500);
    await bench.clock.advance(2000);
    assert.deepEqual(bench.starts('a'), [0, 5500, 6000, 7000]);
  });

  it('starts a probe afresh, after the run under way if there is one', async () => {
    const bench = new Bench(takes(300));
    bench.set({ a: 1000 });
    await bench.clock.advance(100);
    bench.scheduler.runAfresh('a');
    bench.scheduler.runAfresh('a');
    bench.scheduler.runAfresh('b');
    await bench.clock.advance(600);
    assert.deepEqual(bench.starts('a'), [0, 300]);
    bench.scheduler.runAfresh('a');
    await bench.clock.advance(1000);
    assert.deepEqual(bench.starts('a'), [0, 300, 700, 1000]);
    assert.deepEqual(bench.outcomes('a'), ['fine', 'fine', 'fine', 'fine']);
  });
});

describe('ProbeScheduler: deadline', () => {
  it('aborts a run at its deadline and reports it as down', async () => {
    const bench = new Bench(untilAborted, 400);
    bench.set({ a: 1000 });
    await bench.clock.advance(1100);
    assert.deepEqual(bench.outcomes('a'), ['no answer within 400 ms']);
    assert.equal(bench.results[0]?.durationMs, 400);
    assert.equal(bench.results[0]?.outcome.up, false);
    assert.deepEqual(bench.starts('a'), [0, 1000]);
  });

  it('reports a check that ignores the abort, at each start, and runs no second beside it', async () => {
    const bench = new Bench(takes(3400), 400);
    bench.set({ a: 1000 });
    await bench.clock.advance(3399);
    assert.deepEqual(bench.starts('a'), [0]);
    const down = 'no answer within 400 ms';
    assert.deepEqual(bench.outcomes('a'), [down, down, down, down]);
    bench.behaviour = takes(0);
    await bench.clock.advance(700);
    assert.deepEqual(bench.starts('a'), [0, 3400, 4000]);
    assert.deepEqual(bench.outcomes('a').slice(4), ['fine', 'fine']);
    assert.equal(bench.mostAtOnce, 1);
  });

  it('counts a check that throws as down with its message', async () => {
    const bench = new Bench(() => Promise.reject(new Error('broken check')));
    bench.set({ a: 1000 });
    await bench.clock.advance(0);
    assert.deepEqual(bench.outcomes('a'), ['broken check']);
    assert.equal(bench.results[0]?.outcome.up, false);
  });

  it('sets no deadline timer free to fire after a result', async () => {
    const bench = new Bench(takes(10), 400);
    bench.set({ a: 100_000 });
    await bench.clock.advance(5000);
    assert.deepEqual(bench.outcomes('a'), ['fine']);
    assert.equal(bench.clock.pending, 1);
  });
});

describe('ProbeScheduler: a process that did not run', () => {
  const fails: Behaviour = (clock) =>
    new Promise((resolve) => {
      clock.setTimer(() => resolve({ up: false, reason: 'reset' }), 100);
    });

  for (const [name, behaviour] of [
    ['no answer', untilAborted],
    ['a failure', fails],
  ] as const) {
    it(`throws ${name} of that time away, repeats at once, and counts the next`, async () => {
      const bench = new Bench(behaviour, 400);
      bench.set({ a: 10_000 });
      await bench.clock.advance(0);
      bench.behaviour = takes(50);
      bench.clock.jump(3000);
      await bench.clock.advance(1000);
      assert.deepEqual(bench.starts('a'), [0, 3000]);
      assert.deepEqual(bench.outcomes('a'), ['fine']);
      assert.deepEqual(bench.stalls, [2800]);
    });
  }

  it('believes what is still bad without a stall', async () => {
    const bench = new Bench(untilAborted, 400);
    bench.set({ a: 10_000 });
    await bench.clock.advance(0);
    bench.clock.jump(3000);
    await bench.clock.advance(1000);
    assert.deepEqual(bench.outcomes('a'), ['no answer within 400 ms']);
    assert.equal(bench.results[0]?.at.getTime(), Date.UTC(2030, 0, 1) + 3400);
  });

  it('believes a good answer of that time', async () => {
    const bench = new Bench(takes(300), 400);
    bench.set({ a: 10_000 });
    await bench.clock.advance(0);
    bench.clock.jump(3000);
    await bench.clock.advance(1000);
    assert.deepEqual([bench.starts('a'), bench.outcomes('a')], [[0], ['fine']]);
  });

  it('tells of it when a good answer is the first thing to be seen after it', async () => {
    let answer: (outcome: CheckOutcome) => void = () => undefined;
    const answered = new Promise<CheckOutcome>((resolve) => {
      answer = resolve;
    });
    const bench = new Bench(() => answered, 10_000);
    bench.set({ a: 60_000 });
    await bench.clock.advance(0);
    bench.clock.jump(3000);
    answer(good);
    await answered;
    await bench.clock.advance(1000);
    assert.deepEqual(bench.outcomes('a'), ['fine']);
    assert.deepEqual(bench.stalls, [2800]);
  });

  it('notices that the machine slept', async () => {
    const bench = new Bench(untilAborted, 400);
    bench.set({ a: 10_000 });
    await bench.clock.advance(100);
    bench.clock.sleep(3_600_000);
    bench.behaviour = takes(0);
    await bench.clock.advance(1000);
    assert.deepEqual([bench.starts('a'), bench.outcomes('a')], [[0, 400], ['fine']]);
    assert.deepEqual(bench.stalls, [3_600_000]);
  });

  it('believes the fourth bad result in a row even so', async () => {
    const bench = new Bench(untilAborted, 400);
    bench.set({ a: 10_000 });
    await bench.clock.advance(0);
    for (let i = 0; i < 4; i++) {
      assert.deepEqual(bench.outcomes('a'), []);
      bench.clock.jump(1000);
      await bench.clock.advance(0);
    }
    assert.deepEqual(bench.outcomes('a'), ['no answer within 400 ms']);
    assert.deepEqual(bench.starts('a'), [0, 1000, 2000, 3000]);
  });
});

describe('ProbeScheduler: setProbes', () => {
  it('leaves what stays in its rhythm, with its running check', async () => {
    const bench = new Bench(takes(300));
    bench.set({ a: 1000 });
    await bench.clock.advance(1100);
    bench.set({ a: 1000, b: 1000 });
    await bench.clock.advance(2000);
    assert.deepEqual(bench.starts('a'), [0, 1000, 2000, 3000]);
    assert.equal(bench.starts('b')[0], 1100);
    assert.deepEqual(bench.outcomes('a'), ['fine', 'fine', 'fine']);
    assert.equal(bench.aborted, 0);
  });

  it('aborts what goes and drops its result', async () => {
    const bench = new Bench(takes(300));
    bench.set({ a: 1000, b: 1000 });
    await bench.clock.advance(100);
    bench.set({ b: 1000 });
    await bench.clock.advance(5000);
    assert.equal(bench.aborted, 1);
    assert.deepEqual(bench.starts('a'), [0]);
    assert.deepEqual(bench.outcomes('a'), []);
  });

  it('waits for the old run when a probe goes and comes back', async () => {
    const bench = new Bench(takes(300));
    bench.set({ a: 1000 });
    await bench.clock.advance(100);
    bench.set({});
    bench.set({ a: 1000 });
    await bench.clock.advance(500);
    assert.deepEqual(bench.starts('a'), [0, 300]);
    assert.deepEqual(bench.outcomes('a'), ['fine']);
    assert.equal(bench.mostAtOnce, 1);
  });

  it('calls a probe down that came back beside a run that never ends', async () => {
    const bench = new Bench(() => new Promise(() => {}), 400);
    bench.set({ a: 1000 });
    await bench.clock.advance(100);
    bench.set({});
    bench.set({ a: 1000 });
    await bench.clock.advance(2500);
    assert.deepEqual(bench.starts('a'), [0]);
    assert.ok(bench.outcomes('a').length >= 1);
    assert.equal(bench.outcomes('a')[0], 'no answer within 400 ms');
  });

  it('takes over a new interval without a restart of the check', async () => {
    const bench = new Bench(takes(0));
    bench.set({ a: 10_000 });
    await bench.clock.advance(100);
    bench.set({ a: 1000 });
    await bench.clock.advance(3000);
    const starts = bench.starts('a');
    assert.equal(starts.length, 4);
    assert.ok(Math.max(...differences(starts)) <= 1100);
  });

  it('takes over a new set from within onResult', async () => {
    const bench = new Bench(takes(10));
    bench.onResult = () => bench.set({ b: 1000 });
    bench.set({ a: 1000 });
    await bench.clock.advance(1500);
    assert.deepEqual(bench.starts('a'), [0]);
    assert.deepEqual(bench.starts('b').length, 2);
  });
});

describe('ProbeScheduler: stop', () => {
  it('aborts what runs and resolves when all of it has ended', async () => {
    const bench = new Bench(takes(300));
    bench.set(many(5, 1000));
    await bench.clock.advance(100);
    let stopped = false;
    const done = bench.scheduler.stop().then(() => {
      stopped = true;
    });
    await bench.clock.advance(100);
    assert.equal(stopped, false);
    assert.equal(bench.aborted, 5);
    await bench.clock.advance(300);
    await done;
    assert.deepEqual(bench.results, []);
    assert.throws(() => bench.set({ a: 1000 }), /stopped/);
  });

  it('resolves at once when nothing runs', async () => {
    const bench = new Bench(takes(0));
    bench.set({ a: 1000 });
    await bench.clock.advance(500);
    await bench.scheduler.stop();
    await bench.clock.advance(5000);
    assert.deepEqual(bench.starts('a'), [0]);
  });
});

describe('ProbeScheduler: more checks than there is room for', () => {
  /** Servers of the name g* answer in 5 ms, the others never. */
  const mixed: Behaviour = (clock, signal, key) =>
    key.startsWith('g') ? takes(5)(clock, signal, key) : untilAborted(clock, signal);

  it('goes on with the good ones at their interval, while 500 do not answer', async () => {
    const bench = new Bench(mixed, 5000, { own: 40, commands: 8 });
    bench.set({ g1: 1000, g2: 1000, ...many(500, 10_000) });
    await bench.clock.advance(100_000);
    assert.ok(bench.mostInFlight <= 40, `${bench.mostInFlight} at a time`);
    for (const key of ['g1', 'g2']) {
      assert.ok(bench.starts(key).length >= 95, `${key}: ${bench.starts(key).length}`);
      assert.ok(bench.outcomes(key).every((reason) => reason === 'fine'));
    }
    assert.deepEqual(bench.shortages, ['own']);
  });

  it('takes each that waits in its turn, and none of their waiting for their timeout', async () => {
    const bench = new Bench(mixed, 5000, { own: 40, commands: 8 });
    bench.set(many(300, 10_000));
    // 30 at a time, 5 s each: 50 s for all of them
    await bench.clock.advance(101_000);
    for (let i = 0; i < 300; i++) {
      const durations = bench.results.filter(({ key }) => key === `p${i}`).map((r) => r.durationMs);
      assert.deepEqual(durations, [5000, 5000], `p${i}`);
    }
  });

  it('finds out that those that did not answer are back', async () => {
    const bench = new Bench(mixed, 5000, { own: 8, commands: 8 });
    // those that answer could fill every place: each run ends as the next one falls due
    bench.set({ ...many(20, 10_000), ...named('g', 2000, 1000) });
    await bench.clock.advance(20_000);
    bench.behaviour = takes(5);
    await bench.clock.advance(20_000);
    for (let i = 0; i < 20; i++) assert.equal(bench.outcomes(`p${i}`).at(-1), 'fine', `p${i}`);
  });

  it('says nothing when there is room', async () => {
    const bench = new Bench(mixed, 5000, { own: 400, commands: 8 });
    bench.set(many(500, 10_000));
    await bench.clock.advance(60_000);
    assert.deepEqual(bench.shortages, []);
  });

  it('gives the place of a check that does not end to others', async () => {
    const bench = new Bench(() => new Promise(() => {}), 400, { own: 8, commands: 8 });
    bench.set(many(50, 1000));
    await bench.clock.advance(10_000);
    for (let i = 0; i < 50; i++) assert.ok(bench.outcomes(`p${i}`).length > 0, `p${i}`);
  });

  it('forgets what waits when it is taken out, and stops', async () => {
    const bench = new Bench(mixed, 5000, { own: 8, commands: 8 });
    bench.set(many(100, 10_000));
    await bench.clock.advance(1000);
    bench.set({ g: 10_000 });
    await bench.clock.advance(10);
    assert.equal(bench.started.length, 7);
    assert.deepEqual(bench.outcomes('g'), ['fine']);
    bench.set(many(100, 10_000));
    await bench.clock.advance(1000);
    await bench.scheduler.stop();
    assert.equal(bench.started.length, 13);
  });

  it('starts commands one by one, and rests as long as each start took', async () => {
    const bench = new Bench(
      (clock) => {
        clock.jump(8);
        return Promise.resolve(good);
      },
      5000,
      { own: 8, commands: 8 },
    );
    bench.set(many(1000, 1000), commandOf);
    await bench.clock.advance(10_000);
    const gaps = differences(bench.started.map(({ atMs }) => atMs));
    assert.ok(Math.min(...gaps) >= 16, `${Math.min(...gaps)} ms`);
    assert.ok(Math.max(...gaps) <= 20, `${Math.max(...gaps)} ms`);
    assert.deepEqual(bench.shortages, ['commands']);
  });
});

type Behaviour = (clock: VirtualClock, signal: AbortSignal, key: string) => Promise<CheckOutcome>;

/** A scheduler on a virtual clock, with everything that it did. */
class Bench {
  readonly clock = new VirtualClock();
  readonly scheduler: ProbeScheduler;
  readonly started: { readonly key: string; readonly atMs: number }[] = [];
  readonly results: (ProbeResult & { readonly key: string })[] = [];
  readonly #timeoutMs: number;
  readonly #running = new Map<string, number>();
  behaviour: Behaviour;
  onResult: () => void = () => {};
  readonly stalls: number[] = [];
  aborted = 0;
  /** Most runs of one probe side by side. */
  mostAtOnce = 0;

  readonly shortages: string[] = [];
  inFlight = 0;
  mostInFlight = 0;

  constructor(
    behaviour: Behaviour,
    timeoutMs = 5000,
    limits: RunLimits = { own: 20_000, commands: 20_000 },
  ) {
    this.behaviour = behaviour;
    this.#timeoutMs = timeoutMs;
    this.scheduler = new ProbeScheduler({
      clock: this.clock,
      run: (definition, { signal }) => this.#run(definition, signal),
      onResult: (key, result) => {
        this.results.push({ key, ...result });
        this.onResult();
      },
      onStall: (lostMs) => this.stalls.push(lostMs),
      limits,
      onShortage: (kind) => this.shortages.push(kind),
    });
  }

  set(
    intervals: Readonly<Record<string, number>>,
    definitionFor = definitionOf,
    warmupMs = 0,
  ): void {
    const probes = Object.entries(intervals).map(([key, intervalMs]): [string, ProbeDefinition] => [
      key,
      { definition: definitionFor(key, this.#timeoutMs), intervalMs, warmupMs },
    ]);
    this.scheduler.setProbes(new Map(probes));
  }

  starts(key: string): number[] {
    return this.started.filter((start) => start.key === key).map((start) => start.atMs);
  }

  outcomes(key: string): string[] {
    return this.results.filter((result) => result.key === key).map(({ outcome }) => outcome.reason);
  }

  async #run(definition: CheckDefinition, signal: AbortSignal): Promise<CheckOutcome> {
    const key = keyOf(definition);
    this.mostInFlight = Math.max(this.mostInFlight, ++this.inFlight);
    this.started.push({ key, atMs: this.clock.now() });
    const count = (this.#running.get(key) ?? 0) + 1;
    this.#running.set(key, count);
    this.mostAtOnce = Math.max(this.mostAtOnce, count);
    signal.addEventListener('abort', () => {
      this.aborted += 1;
    });
    try {
      return await this.behaviour(this.clock, signal, key);
    } finally {
      this.inFlight--;
      this.#running.set(key, (this.#running.get(key) ?? 0) - 1);
    }
  }
}

function takes(ms: number): Behaviour {
  return (clock) =>
    ms === 0
      ? Promise.resolve(good)
      : new Promise((resolve) => {
          clock.setTimer(() => resolve(good), ms);
        });
}

function untilAborted(_clock: VirtualClock, signal: AbortSignal): Promise<CheckOutcome> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason));
  });
}

function keyOf(definition: CheckDefinition): string {
  if (definition.type === 'connect') return definition.target.address;
  assert.ok(definition.type === 'external');
  return definition.command;
}

function commandOf(key: string, timeoutMs: number): CheckDefinition {
  return { type: 'external', command: key, args: ['', '', '', ''], timeoutMs };
}

function definitionOf(key: string, timeoutMs: number): CheckDefinition {
  return { type: 'connect', target: { family: 'inet', address: key, port: 80 }, timeoutMs };
}

function many(count: number, intervalMs: number): Record<string, number> {
  return named('p', count, intervalMs);
}

function named(name: string, count: number, intervalMs: number): Record<string, number> {
  return Object.fromEntries(Array.from({ length: count }, (_, i) => [`${name}${i}`, intervalMs]));
}

function differences(values: readonly number[]): number[] {
  return values.slice(1).map((value, i) => value - (values[i] ?? 0));
}
