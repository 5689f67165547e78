import { checkKey } from '../checks/check.ts';
import { serverKey } from '../config/keys.ts';
import type { Config } from '../config/model.ts';
import { type HealthState, initialState, step } from './hysteresis.ts';
import type { ProbeDefinition, ProbeResult } from './scheduler.ts';

/** What is known of one real server of one virtual. */
export interface ServerRecord {
  readonly state: HealthState;
  /** When `state.up` last changed, or the server became known. */
  readonly since: Date;
  /** The newest result of its probe. */
  readonly last?: ProbeResult;
}

/** A change of one server that a result brought about. */
export interface HealthEvent {
  readonly serverKey: string;
  /**
   * `soft-failure`: failed, but not often enough in a row to take the server down; `cannot-check`:
   * the check could not be made, for the first time in a row.
   */
  readonly kind: 'up' | 'down' | 'soft-failure' | 'soft-failure-reset' | 'cannot-check';
  /** Failures in a row, for `soft-failure`. */
  readonly failures: number;
  /** How many of them take the server down. */
  readonly failureCount: number;
  readonly result: ProbeResult;
}

interface Subscriber {
  readonly serverKey: string;
  readonly failureCount: number;
  readonly rise: number;
}

/**
 * The health of every server of the file. Each counts for itself, also where several share one
 * probe (ldirectord shares the counter too, and trips early).
 */
export class ServerHealth {
  #records = new Map<string, ServerRecord>();
  #probes = new Map<string, ProbeDefinition>();
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
        this.#subscribe(
          { definition: real.check, intervalMs: virtual.checkIntervalMs },
          {
            serverKey: key,
            failureCount: virtual.failureCount,
            rise: virtual.rise,
          },
        );
      }
    }
  }

  #subscribe(probe: ProbeDefinition, subscriber: Subscriber): void {
    const key = `${probe.intervalMs} ${checkKey(probe.definition)}`;
    this.#probes.set(key, probe);
    const subscribers = this.#subscribers.get(key) ?? [];
    this.#subscribers.set(key, [...subscribers, subscriber]);
  }

  /** The probes that the file needs, each once, for the scheduler. */
  get probes(): ReadonlyMap<string, ProbeDefinition> {
    return this.#probes;
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
      this.#records.set(subscriber.serverKey, { state, since, last: result });
      const kind = eventKind(record.state, state);
      return kind === undefined ? [] : [eventOf(subscriber, kind, state, result)];
    });
  }

  /** Keys of the servers that a probe is for. */
  serversOf(probeKey: string): readonly string[] {
    return (this.#subscribers.get(probeKey) ?? []).map((subscriber) => subscriber.serverKey);
  }

  record(serverKey: string): ServerRecord | undefined {
    return this.#records.get(serverKey);
  }

  /** Up or not, by `serverKey`. */
  view(): ReadonlyMap<string, boolean> {
    return new Map([...this.#records].map(([key, record]) => [key, record.state.up]));
  }
}

function alwaysUp(record: ServerRecord): ServerRecord {
  return { ...record, state: { up: true, checked: true, failures: 0, successes: 0 } };
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
