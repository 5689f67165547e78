import { checkKey } from '../checks/check.ts';
import { serverKey } from '../config/keys.ts';
import type { CheckDefinition, CheckIntervals, Config } from '../config/model.ts';
import { type HealthState, initialState, step } from './hysteresis.ts';
import type { ProbeDefinition, ProbeResult } from './scheduler.ts';

/** What is known of one real server of one virtual. */
export interface ServerRecord {
  readonly state: HealthState;
  /** When `state.up` last changed, or the server became known. */
  readonly since: Date;
  /** When it went down after it had been up; absent while up, and when it never was. */
  readonly lostAt?: Date;
  /** The newest result of its probe. */
  readonly last?: ProbeResult;
}

/** A change of one server that a result brought about. */
export interface HealthEvent {
  readonly serverKey: string;
  /**
   * `soft-failure`: failed, but not often enough in a row to take the server down; `cannot-check`:
   * the check could not be made, for the first time in a row; `warning`: the outcome has one that
   * the one before did not have.
   */
  readonly kind: 'up' | 'down' | 'soft-failure' | 'soft-failure-reset' | 'cannot-check' | 'warning';
  /** Failures in a row, for `soft-failure`. */
  readonly failures: number;
  /** How many of them take the server down. */
  readonly failureCount: number;
  readonly result: ProbeResult;
}

/** Up or not, as the desired table wants to know it. */
export interface ServerCondition {
  readonly up: boolean;
  /** Milliseconds since the epoch when it was lost; absent while up, and when it never was up. */
  readonly lostAtMs?: number;
}

interface Subscriber {
  readonly serverKey: string;
  readonly intervals: CheckIntervals;
  readonly failureCount: number;
  readonly rise: number;
}

/**
 * The health of every server of the file. Each counts for itself, also where several share one
 * probe (ldirectord shares the counter too, and trips early).
 */
export class ServerHealth {
  #records = new Map<string, ServerRecord>();
  #probes = new Map<string, CheckDefinition>();
  #subscribers = new Map<string, Subscriber[]>();

  /**
   * Takes over a file. Servers that stay keep what is known of them, even when their check
   * changed: only checks change health, files never do.
   *
   * @param inService servers that the kernel sends connections to; new ones among them begin up.
   */
  configure(config: Config, inService: ReadonlySet<string>, now: Date): void {
    const before = this.#records;
    this.#records = new Map();
    this.#probes = new Map();
    this.#subscribers = new Map();
    for (const virtual of config.virtuals) {
      for (const real of virtual.reals) {
        const key = serverKey(virtual, real);
        const known = before.get(key) ?? {
          state: initialState(inService.has(key)),
          since: now,
        };
        this.#records.set(key, real.check.type === 'on' ? alwaysUp(known) : known);
        if (real.check.type === 'on' || real.check.type === 'off') continue;
        this.#subscribe(real.check, {
          serverKey: key,
          intervals: virtual.intervals,
          failureCount: virtual.failureCount,
          rise: virtual.rise,
        });
      }
    }
  }

  #subscribe(definition: CheckDefinition, subscriber: Subscriber): void {
    const { normalMs, fastMs, downMs } = subscriber.intervals;
    const key = `${normalMs} ${fastMs} ${downMs} ${checkKey(definition)}`;
    this.#probes.set(key, definition);
    const subscribers = this.#subscribers.get(key);
    if (subscribers === undefined) this.#subscribers.set(key, [subscriber]);
    else subscribers.push(subscriber);
  }

  /** The probes that the file needs, each once, with the interval of this moment. */
  probes(): ReadonlyMap<string, ProbeDefinition> {
    const probes = new Map<string, ProbeDefinition>();
    for (const [key, definition] of this.#probes) {
      probes.set(key, { definition, intervalMs: this.intervalMs(key) });
    }
    return probes;
  }

  /** How long from one run of a probe to the next: as the most impatient of its servers wants it. */
  intervalMs(probeKey: string): number {
    const wishes = (this.#subscribers.get(probeKey) ?? []).map(({ serverKey, intervals }) =>
      intervalOf(this.#records.get(serverKey)?.state, intervals),
    );
    return Math.min(...wishes);
  }

  /** Enters a result for every server that has the probe; an inconclusive one changes no health. */
  enter(probeKey: string, result: ProbeResult): readonly HealthEvent[] {
    return (this.#subscribers.get(probeKey) ?? []).flatMap((subscriber) => {
      const record = this.#records.get(subscriber.serverKey);
      if (record === undefined) return [];
      if (result.outcome.inconclusive) {
        this.#records.set(subscriber.serverKey, { ...record, last: result });
        if (record.last?.outcome.inconclusive) return [];
        return [eventOf(subscriber, 'cannot-check', record.state, result)];
      }
      const state = step(record.state, result.outcome.up, subscriber);
      const since = state.up === record.state.up ? record.since : result.at;
      const lostAt = lossAfter(record, state, result.at);
      const lost = lostAt === undefined ? {} : { lostAt };
      this.#records.set(subscriber.serverKey, { state, since, last: result, ...lost });
      const { warning } = result.outcome;
      const isNews = warning !== undefined && warning !== record.last?.outcome.warning;
      const kinds = [eventKind(record.state, state), isNews ? ('warning' as const) : undefined];
      return kinds.flatMap((kind) =>
        kind === undefined ? [] : [eventOf(subscriber, kind, state, result)],
      );
    });
  }

  /** Keys of the servers that a probe is for. */
  serversOf(probeKey: string): readonly string[] {
    return (this.#subscribers.get(probeKey) ?? []).map((subscriber) => subscriber.serverKey);
  }

  record(serverKey: string): ServerRecord | undefined {
    return this.#records.get(serverKey);
  }

  /** The condition of every server, by `serverKey`. */
  view(): ReadonlyMap<string, ServerCondition> {
    const view = new Map<string, ServerCondition>();
    for (const [key, { state, lostAt }] of this.#records) {
      const { up } = state;
      view.set(key, lostAt === undefined ? { up } : { up, lostAtMs: lostAt.getTime() });
    }
    return view;
  }
}

function alwaysUp(record: ServerRecord): ServerRecord {
  return { ...record, state: { up: true, checked: true, failures: 0, successes: 0 } };
}

/** When a server was lost, as it stands after one more result. */
function lossAfter(before: ServerRecord, after: HealthState, at: Date): Date | undefined {
  if (after.up) return undefined;
  return before.state.up ? at : before.lostAt;
}

/** Fast while the verdict is about to change, slow while the server is down. */
function intervalOf(state: HealthState | undefined, intervals: CheckIntervals): number {
  if (state === undefined) return intervals.normalMs;
  if (state.failures > 0 || state.successes > 0) return intervals.fastMs;
  return state.up || !state.checked ? intervals.normalMs : intervals.downMs;
}

function eventOf(
  { serverKey, failureCount }: Subscriber,
  kind: HealthEvent['kind'],
  { failures }: HealthState,
  result: ProbeResult,
): HealthEvent {
  return { serverKey, kind, failures, failureCount, result };
}

function eventKind(before: HealthState, after: HealthState): HealthEvent['kind'] | undefined {
  if (before.up !== after.up) return after.up ? 'up' : 'down';
  // a first answer is news also where "down" was only the assumption
  if (!before.checked && !after.up) return 'down';
  if (after.up && after.failures > 0) return 'soft-failure';
  if (after.up && before.failures > 0) return 'soft-failure-reset';
  return undefined;
}
