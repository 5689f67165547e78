/** Time between the first starts of two probes that came together. */
const firstStepMs = 2;

/** The fraction of the golden ratio: its multiples, modulo 1, spread evenly at every count. */
const goldenFraction = (Math.sqrt(5) - 1) / 2;

/**
 * When the probe number `index` of `count` that came together starts for the first time: soon, but
 * not all in one moment, and never later than its interval.
 */
export function firstStartMs(index: number, count: number, intervalMs: number): number {
  return index * Math.min(firstStepMs, intervalMs / count);
}

/**
 * Where in the interval a probe has its place.
 *
 * @param index number of the probe since the scheduler began; the same every time, no randomness.
 * @returns 0 or more, less than `intervalMs`.
 */
export function phaseMs(index: number, intervalMs: number): number {
  return ((index * goldenFraction) % 1) * intervalMs;
}

/**
 * The one point of the grid `originMs + n * intervalMs` that is later than `afterMs` by no more than
 * the interval.
 */
export function gridPointAfter(afterMs: number, originMs: number, intervalMs: number): number {
  const steps = Math.floor((afterMs - originMs) / intervalMs) + 1;
  return originMs + steps * intervalMs;
}
