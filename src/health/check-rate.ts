import type { CheckRate } from '../config/model.ts';
import type { ProbeDefinition } from './scheduler.ts';

/** How many intervals make one at the slow rate. */
const slowFactor = 10;

/** The probes that are run at a rate, each with its interval there. */
export function probesAt(
  rate: CheckRate,
  probes: ReadonlyMap<string, ProbeDefinition>,
): ReadonlyMap<string, ProbeDefinition> {
  if (rate === 'full') return probes;
  if (rate === 'none') return new Map();
  return new Map(
    [...probes].map(([key, probe]) => [
      key,
      { ...probe, intervalMs: intervalAt(rate, probe.intervalMs) },
    ]),
  );
}

/** @param intervalMs at the full rate. */
export function intervalAt(rate: CheckRate, intervalMs: number): number {
  return rate === 'slow' ? intervalMs * slowFactor : intervalMs;
}
