/** Steps in which a server that came up gets its weight. */
const steps = 10;

/**
 * The share of its weight that a server has after it came up.
 *
 * @param upForMs since it came up; negative after a clock was set back. By more than the slow start
 *   takes: then the server has its whole weight, rather than the least for all that time.
 * @param slowStartMs how long until the whole weight; 0: at once.
 * @returns more than 0, at most 1, and never less than at an earlier time.
 */
export function weightShare(upForMs: number, slowStartMs: number): number {
  if (isOver(upForMs, slowStartMs)) return 1;
  return (stepOf(upForMs, slowStartMs) + 1) / (steps + 1);
}

/** Milliseconds from `upForMs` on until the share changes next; undefined when it is whole. */
export function untilNextStepMs(upForMs: number, slowStartMs: number): number | undefined {
  if (isOver(upForMs, slowStartMs)) return undefined;
  return ((stepOf(upForMs, slowStartMs) + 1) * slowStartMs) / steps - upForMs;
}

function isOver(upForMs: number, slowStartMs: number): boolean {
  return upForMs >= slowStartMs || upForMs < -slowStartMs;
}

function stepOf(upForMs: number, slowStartMs: number): number {
  return Math.max(0, Math.floor((upForMs * steps) / slowStartMs));
}
