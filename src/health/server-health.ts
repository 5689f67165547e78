import { checkKey } from '../checks/check.ts';
import { serverKey } from '../config/keys.ts';
import type { CheckIntervals, Config, ServerCheck } from '../config/model.ts';
import type { HealthState } from './hysteresis.ts';
import type { ProbeDefinition, ProbeResult } from './scheduler.ts';
import {
  conditionOf,
  moved,
  risenForMs,
  type ServerCondition,
  type ServerRecord,
  type ServerRules,
  takeOver,
  withResult,
} from './server-record.ts';
import { untilNextStepMs } from './slow-start.ts';

/** A change of one server that a result brought about. */
export interface HealthEvent {
  readonly serverKey: string;
  /** The check whose result it was. */
  readonly check: ServerCheck;
  /**
   * `soft-failure`: failed, but not often enough in a row to take the server down; `held`: good
   * again, but damping keeps it out, told once; `cannot-check`: the check could not be made, for
   * the first time in a row; `warning`: the outcome has one that the one before did not have;
   * `weight`: the outcome changes the server's weight, or how it is to be used.
   */
  readonly kind:
    | 'up'
    | 'down'
    | 'soft-failure'
    | 'soft-failure-reset'
    | 'held'
    | 'cannot-check'
    | 'warning'
    | 'weight';
  /** Failures of the check in a row, for `soft-failure`. */
  readonly failures: number;
  readonly result: ProbeResult;
}

/** A server that a probe is for, with the check that it serves there. */
export interface Subscriber {
  readonly serverKey: string;
  readonly check: ServerCheck;
}

/**
 * The health of every server of the file, real or fallback. A server is up while all its checks
 * are. Each server counts for itself, also where several share one probe (ldirectord shares the
 * counter too, and trips early).
 */
export class ServerHealth {
  #records = new Map<string, ServerRecord>();
  #rules = new Map<string, ServerRules>();
  #probes = new Map<string, ServerCheck>();
  #subscribers = new Map<string, Subscriber[]>();
  #isFirst = true;

  /**
   * Takes over a file. Servers that stay keep what is known of them, even when their checks
   * changed: only checks change health, files never do.
   *
   * @param inService servers that the kernel sends connections to; new ones among them begin up.
   */
  configure(config: Config, inService: ReadonlySet<string>, now: Date): void {
    const before = this.#records;
    this.#records = new Map();
    this.#rules = rulesOf(config);
    this.#probes = new Map();
    this.#subscribers = new Map();
    for (const [key, rules] of this.#rules) {
      const moment = { inService: inService.has(key), isFirst: this.#isFirst, now };
      this.#records.set(key, takeOver(rules, before.get(key), moment));
      for (const check of rules.checks) this.#subscribe({ serverKey: key, check });
    }
    this.#isFirst = false;
  }

  /** The time of day was set: what is remembered goes with it. */
  moveTimes(byMs: number): void {
    for (const [key, record] of this.#records) this.#records.set(key, moved(record, byMs));
  }

  #subscribe(subscriber: Subscriber): void {
    const { definition, intervals, warmupMs } = subscriber.check;
    if (definition.type === 'on' || definition.type === 'off') return;
    const { normalMs, fastMs, downMs } = intervals;
    const key = `${normalMs} ${fastMs} ${downMs} ${warmupMs} ${checkKey(definition)}`;
    this.#probes.set(key, subscriber.check);
    const subscribers = this.#subscribers.get(key);
    if (subscribers === undefined) this.#subscribers.set(key, [subscriber]);
    else subscribers.push(subscriber);
  }

  /** The probes that the file needs, each once, with the interval of this moment. */
  probes(): ReadonlyMap<string, ProbeDefinition> {
    const probes = new Map<string, ProbeDefinition>();
    for (const [key, { definition, warmupMs }] of this.#probes) {
      probes.set(key, { definition, intervalMs: this.intervalMs(key), warmupMs });
    }
    return probes;
  }

  /** How long from one run of a probe to the next: as the most impatient of its servers wants it. */
  intervalMs(probeKey: string): number {
    const wishes = this.subscribers(probeKey).map(({ serverKey, check }) =>
      intervalOf(recordOf(this.#records.get(serverKey), check)?.state, check.intervals),
    );
    return Math.min(...wishes);
  }

  /** Enters a result for every server that has the probe; an inconclusive one changes no health. */
  enter(probeKey: string, result: ProbeResult): readonly HealthEvent[] {
    return this.subscribers(probeKey).flatMap(({ serverKey, check }) => {
      const before = this.#records.get(serverKey);
      const rules = this.#rules.get(serverKey);
      if (before === undefined || rules === undefined) return [];
      const after = withResult(before, check, result, rules);
      this.#records.set(serverKey, after);
      const { failures } = recordOf(after, check)?.state ?? after.state;
      return eventKinds(before, after, check).map((kind) => ({
        serverKey,
        check,
        kind,
        failures,
        result,
      }));
    });
  }

  /** The servers that a probe is for. */
  subscribers(probeKey: string): readonly Subscriber[] {
    return this.#subscribers.get(probeKey) ?? [];
  }

  record(serverKey: string): ServerRecord | undefined {
    return this.#records.get(serverKey);
  }

  /** The condition of every server at a moment, by `serverKey`. */
  view(now: Date): ReadonlyMap<string, ServerCondition> {
    const view = new Map<string, ServerCondition>();
    for (const [key, record] of this.#records) {
      const rules = this.#rules.get(key);
      if (rules !== undefined) view.set(key, conditionOf(record, rules, now));
    }
    return view;
  }

  /** Milliseconds until time alone changes the view: a server starts slowly. Undefined: it does not. */
  untilChangeMs(now: Date): number | undefined {
    let soonest: number | undefined;
    for (const [key, { slowStartMs }] of this.#rules) {
      const record = slowStartMs > 0 ? this.#records.get(key) : undefined;
      const ms = record && untilNextStepMs(risenForMs(record, now), slowStartMs);
      if (ms !== undefined) soonest = Math.min(ms, soonest ?? ms);
    }
    return soonest;
  }
}

/** What the file says of each server that has checks, by `serverKey`. */
function rulesOf(config: Config): Map<string, ServerRules> {
  const rules = new Map<string, ServerRules>();
  for (const virtual of config.virtuals) {
    const { damping, slowStartMs } = virtual;
    for (const server of [...virtual.reals, ...virtual.fallbacks]) {
      if (server.checks.length === 0) continue;
      const { checks } = server;
      rules.set(serverKey(virtual, server), {
        checks,
        slowStartMs,
        ...(damping !== undefined && { damping }),
      });
    }
  }
  return rules;
}

function recordOf(server: ServerRecord | undefined, check: ServerCheck) {
  return server?.checks.find((record) => record.check.name === check.name);
}

/** Fast while the verdict is about to change, slow while the check is bad. */
function intervalOf(state: HealthState | undefined, intervals: CheckIntervals): number {
  if (state === undefined) return intervals.normalMs;
  if (state.failures > 0 || state.successes > 0) return intervals.fastMs;
  return state.up || !state.checked ? intervals.normalMs : intervals.downMs;
}

/** What is new after a result of `check`. */
function eventKinds(
  before: ServerRecord,
  after: ServerRecord,
  check: ServerCheck,
): readonly HealthEvent['kind'][] {
  const [was, is] = [recordOf(before, check), recordOf(after, check)];
  if (was === undefined || is === undefined) return [];
  if (is.last?.outcome.inconclusive) {
    return was.last?.outcome.inconclusive ? [] : ['cannot-check'];
  }
  const kind = turnKind(before, after) ?? softKind(was.state, is.state);
  const [said, says] = [was.answer, is.answer];
  const isWarning = says?.warning !== undefined && says.warning !== said?.warning;
  const isWeight =
    JSON.stringify([said?.effect, said?.order]) !== JSON.stringify([says?.effect, says?.order]);
  return [
    ...(kind === undefined ? [] : [kind]),
    ...(isWarning ? (['warning'] as const) : []),
    ...(isWeight ? (['weight'] as const) : []),
  ];
}

function turnKind(before: ServerRecord, after: ServerRecord): HealthEvent['kind'] | undefined {
  if (before.state.up !== after.state.up) return after.state.up ? 'up' : 'down';
  // a first answer is news also where "down" was only the assumption
  if (!before.state.checked && after.state.checked && !after.state.up) return 'down';
  const isGood = ({ checks }: ServerRecord) => checks.every(({ state }) => state.up);
  return !after.state.up && isGood(after) && !isGood(before) ? 'held' : undefined;
}

function softKind(before: HealthState, after: HealthState): HealthEvent['kind'] | undefined {
  if (after.up && after.failures > 0) return 'soft-failure';
  if (after.up && before.up && before.failures > 0) return 'soft-failure-reset';
  return undefined;
}
