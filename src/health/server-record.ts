import { type CheckOutcome, checkKey, type WeightEffect } from '../checks/check.ts';
import type { Damping, ServerCheck } from '../config/model.ts';
import { afterFailure, type DampingState, isHeld, undamped } from './damping.ts';
import { type HealthState, initialState, settled, step } from './hysteresis.ts';
import type { ProbeResult } from './scheduler.ts';
import { weightShare } from './slow-start.ts';

/** What is known of one real server or fallback of one virtual. */
export interface ServerRecord {
  /** What its checks say together, and damping allows. */
  readonly state: HealthState;
  /** When `state.up` last changed, or the server became known. */
  readonly since: Date;
  /** When it went down after it had been up; absent while up, and when it never was. */
  readonly lostAt?: Date;
  /** It came up after it had been down, or into a pool that was there before: it starts slowly. */
  readonly isRising: boolean;
  readonly damping: DampingState;
  /** One for each of its checks, in the order of the file. */
  readonly checks: readonly CheckRecord[];
}

/** What is known by one check of a server. */
export interface CheckRecord {
  readonly check: ServerCheck;
  readonly state: HealthState;
  /** Its newest result. */
  readonly last?: ProbeResult;
  /** Its newest outcome that was not inconclusive. */
  readonly answer?: CheckOutcome;
}

/** What the file says of a server's health besides its checks. */
export interface ServerRules {
  readonly checks: readonly ServerCheck[];
  readonly damping?: Damping;
  /** 0: none. */
  readonly slowStartMs: number;
}

/** Up or not, and how much of it, as the desired table wants to know it. */
export interface ServerCondition {
  readonly up: boolean;
  /** Milliseconds since the epoch when it was lost; absent while up, and when it never was up. */
  readonly lostAtMs?: number;
  /** What its checks make of its weight. */
  readonly effects?: readonly WeightEffect[];
  /** The server itself asks for no new connections. */
  readonly drains?: true;
  /** Share of its weight while it starts slowly: more than 0, less than 1. */
  readonly share?: number;
}

/**
 * A server under a file: its checks keep what was known of them. Only checks change health,
 * files never do; but one without damping lets go what it held.
 *
 * @param inService the kernel sends it connections; it begins up then, if it is new.
 * @param isFirst no file was in force before.
 */
export function takeOver(
  { checks, damping }: ServerRules,
  known: ServerRecord | undefined,
  { inService, isFirst, now }: { inService: boolean; isFirst: boolean; now: Date },
): ServerRecord {
  const records = checks.map((check): CheckRecord => {
    if (check.definition.type === 'on') return { check, state: settled(true) };
    const before = known && recordBefore(known, check);
    if (before !== undefined) return { ...before, check };
    // a further check of a server that is known: what is believed holds until it has answered
    return { check, state: initialState(known?.state.up ?? (inService || !check.alpha)) };
  });
  const state = together(records);
  if (known === undefined) {
    const isRising = !isFirst && !state.up;
    return { state, since: now, isRising, damping: undamped, checks: records };
  }
  const before = damping === undefined ? { ...known, damping: undamped } : known;
  return follow({ ...before, checks: records }, known, afterHold(before, state, now), now);
}

/**
 * What was known of a check under the file before. Names of checks that are much alike are counted
 * up, and move up when one of them is taken out: what is checked comes before the name.
 */
function recordBefore({ checks }: ServerRecord, check: ServerCheck): CheckRecord | undefined {
  const named = checks.find((record) => record.check.name === check.name);
  const key = checkKey(check.definition);
  const isSame = (record: CheckRecord) => checkKey(record.check.definition) === key;
  return named !== undefined && isSame(named) ? named : (checks.find(isSame) ?? named);
}

/** What its checks say together, unless damping keeps it out. */
function afterHold(before: ServerRecord, verdict: HealthState, now: Date): HealthState {
  const isKeptOut = verdict.up && !before.state.up && isHeld(before.damping, now.getTime());
  return isKeptOut ? { ...verdict, up: false } : verdict;
}

/** A server after one more result of one of its checks. */
export function withResult(
  server: ServerRecord,
  check: ServerCheck,
  result: ProbeResult,
  { damping }: ServerRules,
): ServerRecord {
  const checks = server.checks.map((record) =>
    record.check.name === check.name ? stepCheck(record, result) : record,
  );
  const nowMs = result.at.getTime();
  const state = afterHold(server, together(checks), result.at);
  const after = follow({ ...server, checks }, server, state, result.at);
  const failed = server.state.up && !after.state.up;
  if (!failed || damping === undefined) return after;
  const upForMs = nowMs - server.since.getTime();
  return { ...after, damping: afterFailure(server.damping, damping, nowMs, upForMs) };
}

function stepCheck(record: CheckRecord, result: ProbeResult): CheckRecord {
  const { outcome } = result;
  if (outcome.inconclusive) return { ...record, last: result };
  // a server that asks to be taken out is not asked again
  const limits = outcome.order === 'maint' ? { ...record.check, failureCount: 1 } : record.check;
  return {
    ...record,
    state: step(record.state, outcome.up, limits),
    last: result,
    answer: outcome,
  };
}

/** The check that decides: the first one that is down, else the one that answered last. */
export function decisiveCheck({ checks }: ServerRecord): CheckRecord | undefined {
  const bad = checks.find(({ state }) => state.checked && !state.up);
  const timeOf = ({ last }: CheckRecord) => last?.at.getTime() ?? 0;
  return bad ?? checks.reduce((a, b) => (timeOf(b) > timeOf(a) ? b : a));
}

/** How a server stands at a moment. */
export function conditionOf(
  record: ServerRecord,
  { slowStartMs }: ServerRules,
  now: Date,
): ServerCondition {
  const { state, lostAt, checks } = record;
  const effects = checks.flatMap(({ answer }) => answer?.effect ?? []);
  const share = weightShare(risenForMs(record, now), slowStartMs);
  return {
    up: state.up,
    ...(lostAt !== undefined && { lostAtMs: lostAt.getTime() }),
    ...(effects.length > 0 && { effects }),
    ...(checks.some(({ answer }) => answer?.order === 'drain') && { drains: true }),
    ...(share < 1 && { share }),
  };
}

/** A server by a clock that was set: how long ago things were stays as it is. */
export function moved(record: ServerRecord, byMs: number): ServerRecord {
  const { since, lostAt, damping } = record;
  return {
    ...record,
    since: later(since, byMs),
    ...(lostAt !== undefined && { lostAt: later(lostAt, byMs) }),
    damping: { ...damping, heldUntilMs: damping.heldUntilMs + byMs },
  };
}

function later(date: Date, ms: number): Date {
  return new Date(date.getTime() + ms);
}

/** How long ago a server came up, for its slow start; Infinity where it needs none. */
export function risenForMs({ state, isRising, since }: ServerRecord, now: Date): number {
  return state.up && isRising ? now.getTime() - since.getTime() : Number.POSITIVE_INFINITY;
}

/** Times of change, as they stand after a server went from `before` to `state`. */
function follow(
  record: ServerRecord,
  before: ServerRecord,
  state: HealthState,
  at: Date,
): ServerRecord {
  const { lostAt, ...rest } = record;
  if (state.up) {
    const since = before.state.up ? record.since : at;
    const hasRisen = !before.state.up && before.state.checked;
    return { ...rest, state, since, isRising: record.isRising || hasRisen };
  }
  const since = before.state.up ? at : record.since;
  const lost = before.state.up ? at : lostAt;
  return { ...rest, state, since, ...(lost !== undefined && { lostAt: lost }) };
}

/** One bad check is enough to be down; all must be good to be up. */
function together(checks: readonly CheckRecord[]): HealthState {
  const states = checks.map(({ state }) => state);
  const checked =
    states.every((state) => state.checked) || states.some((state) => state.checked && !state.up);
  return {
    up: states.every((state) => state.up),
    checked,
    failures: Math.max(...states.map(({ failures }) => failures)),
    successes: Math.max(...states.map(({ successes }) => successes)),
  };
}
