import type { Damping } from '../config/model.ts';

/** What is remembered of the failures of one server. */
export interface DampingState {
  /** How long it has to stay out after its newest failure; 0 when none is remembered. */
  readonly holdMs: number;
  /** Until then it stays out, whatever its checks say. Milliseconds since the epoch. */
  readonly heldUntilMs: number;
}

export const undamped: DampingState = { holdMs: 0, heldUntilMs: 0 };

/**
 * What to remember when a server that was up fails.
 *
 * 1. The first failure holds it for `minMs`.
 * 2. Each further one holds it twice as long as the one before, up to `maxMs`.
 * 3. A server that stayed up for `maxMs` is taken for sound: its next failure is a first one.
 *
 * @param upForMs how long it was up; Infinity when that is not known.
 */
export function afterFailure(
  state: DampingState,
  { minMs, maxMs }: Damping,
  nowMs: number,
  upForMs: number,
): DampingState {
  const isSound = upForMs >= maxMs;
  const holdMs = isSound ? minMs : Math.min(maxMs, Math.max(minMs, 2 * state.holdMs));
  return { holdMs, heldUntilMs: nowMs + holdMs };
}

/**
 * Whether a server has to stay out although its checks are good. A clock that was set back by more
 * than the hold ends it: nobody knows then how long it has lasted.
 */
export function isHeld({ holdMs, heldUntilMs }: DampingState, nowMs: number): boolean {
  return nowMs < heldUntilMs && heldUntilMs - nowMs <= 2 * holdMs;
}
