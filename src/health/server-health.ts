import { checkKey } from '../checks/check.ts';
import { serverKey } from '../config/keys.ts';
import type { CheckIntervals, Config, ServerCheck } from '../config/model.ts';
import { type HealthState, initialState, settled, step } from './hysteresis.ts';
import type { ProbeDefinition, ProbeResult } from './scheduler.ts';

/** What is known of one real server of one virtual. */
export interface ServerRecord {
  /** What its checks say together. */
  readonly state: HealthState;
  /** When `state.up` last changed, or the server became known. */
  readonly since: Date;
  /** When it went down after it had been up; absent while up, and when it never was. */
  readonly lostAt?: Date;
  /** One for each of its checks, in the order of the file. */
  readonly checks: readonly CheckRecord[];
}

/** What is known by one check of a server. */
export interface CheckRecord {
  readonly check: ServerCheck;
  readonly state: HealthState;
  /** Its newest result. */
  readonly last?: ProbeResult;
}

/** A change of one server that a result brought about. */
export interface HealthEvent {
  readonly serverKey: string;
  /** The check whose result it was. */
  readonly check: ServerCheck;
  /**
   * `soft-failure`: failed, but not often enough in a row to take the server down; `cannot-check`:
   * the check could not be made, for the first time in a row; `warning`: the outcome has one that
   * the one before did not have.
   */
  readonly kind: 'up' | 'down' | 'soft-failure' | 'soft-failure-reset' | 'cannot-check' | 'warning';
  /** Failures of the check in a row, for `soft-failure`. */
  readonly failures: number;
  readonly result: ProbeResult;
}

/** Up or not, as the desired table wants to know it. */
export interface ServerCondition {
  readonly up: boolean;
  /** Milliseconds since the epoch when it was lost; absent while up, and when it never was up. */
  readonly lostAtMs?: number;
}

/** A server that a probe is for, with the check that it serves there. */
export interface Subscriber {
  readonly serverKey: string;
  readonly check: ServerCheck;
}

/**
 * The health of every server of the file. A server is up while all its checks are. Each server
 * counts for itself, also where several share one probe (ldirectord shares the counter too, and
 * trips early).
 */
export class ServerHealth {
  #records = new Map<string, ServerRecord>();
  #probes = new Map<string, ServerCheck>();
  #subscribers = new Map<string, Subscriber[]>();

  /**
   * Takes over a file. Servers that stay keep what is known of them, even when their checks
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
        this.#records.set(key, takeOver(real.checks, before.get(key), inService.has(key), now));
        for (const check of real.checks) this.#subscribe({ serverKey: key, check });
      }
    }
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
      const server = this.#records.get(serverKey);
      const before = recordOf(server, check);
      if (server === undefined || before === undefined) return [];
      const isNew = !result.outcome.inconclusive;
      const state = isNew ? step(before.state, result.outcome.up, check) : before.state;
      const after = withResult(server, { check, state, last: result });
      this.#records.set(serverKey, after);
      const event = { serverKey, check, failures: state.failures, result };
      if (!isNew) {
        return before.last?.outcome.inconclusive ? [] : [{ ...event, kind: 'cannot-check' }];
      }
      const { warning } = result.outcome;
      const kind = eventKind(server.state, after.state) ?? softKind(before.state, state);
      return [
        ...(kind === undefined ? [] : [{ ...event, kind }]),
        ...(warning === undefined || warning === before.last?.outcome.warning
          ? []
          : [{ ...event, kind: 'warning' as const }]),
      ];
    });
  }

  /** The servers that a probe is for. */
  subscribers(probeKey: string): readonly Subscriber[] {
    return this.#subscribers.get(probeKey) ?? [];
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

/** The check that decides: the first one that is down, else the one that answered last. */
export function decisiveCheck({ checks }: ServerRecord): CheckRecord | undefined {
  const bad = checks.find(({ state }) => state.checked && !state.up);
  const timeOf = ({ last }: CheckRecord) => last?.at.getTime() ?? 0;
  return bad ?? checks.reduce((a, b) => (timeOf(b) > timeOf(a) ? b : a));
}

/** What is known of a server under another file: its checks keep what was known by their names. */
function takeOver(
  checks: readonly ServerCheck[],
  known: ServerRecord | undefined,
  inService: boolean,
  now: Date,
): ServerRecord {
  const records = checks.map((check): CheckRecord => {
    if (check.definition.type === 'on') return { check, state: settled(true) };
    const before = known?.checks.find((record) => record.check.name === check.name);
    if (before !== undefined) return { ...before, check };
    // a further check of a server that is known: what is believed holds until it has answered
    const isUp = known?.state.up ?? (inService || !check.alpha);
    return { check, state: initialState(isUp) };
  });
  const state = together(records);
  if (known !== undefined) return follow({ ...known, checks: records, state }, known.state, now);
  return { state, since: now, checks: records };
}

function recordOf(server: ServerRecord | undefined, check: ServerCheck): CheckRecord | undefined {
  return server?.checks.find((record) => record.check.name === check.name);
}

function withResult(server: ServerRecord, entered: CheckRecord): ServerRecord {
  const { name } = entered.check;
  const checks = server.checks.map((record) => (record.check.name === name ? entered : record));
  const at = entered.last?.at ?? server.since;
  return follow({ ...server, checks, state: together(checks) }, server.state, at);
}

/** Times of change, as they stand after a server went from `before` to what the record says. */
function follow(record: ServerRecord, before: HealthState, at: Date): ServerRecord {
  const { lostAt, ...rest } = record;
  const since = record.state.up === before.up ? record.since : at;
  const lost = record.state.up ? undefined : before.up ? at : lostAt;
  return { ...rest, since, ...(lost !== undefined && { lostAt: lost }) };
}

/** One bad check is enough to be down; all must be good to be up. */
function together(checks: readonly CheckRecord[]): HealthState {
  const states = checks.map(({ state }) => state);
  const up = states.every((state) => state.up);
  const checked =
    states.every((state) => state.checked) || states.some((state) => state.checked && !state.up);
  return {
    up,
    checked,
    failures: Math.max(...states.map(({ failures }) => failures)),
    successes: Math.max(...states.map(({ successes }) => successes)),
  };
}

/** Fast while the verdict is about to change, slow while the check is bad. */
function intervalOf(state: HealthState | undefined, intervals: CheckIntervals): number {
  if (state === undefined) return intervals.normalMs;
  if (state.failures > 0 || state.successes > 0) return intervals.fastMs;
  return state.up || !state.checked ? intervals.normalMs : intervals.downMs;
}

function eventKind(before: HealthState, after: HealthState): 'up' | 'down' | undefined {
  if (before.up !== after.up) return after.up ? 'up' : 'down';
  // a first answer is news also where "down" was only the assumption
  return !before.checked && after.checked && !after.up ? 'down' : undefined;
}

function softKind(before: HealthState, after: HealthState): HealthEvent['kind'] | undefined {
  if (after.up && after.failures > 0) return 'soft-failure';
  if (after.up && before.up && before.failures > 0) return 'soft-failure-reset';
  return undefined;
}
