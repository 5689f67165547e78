import { cannotFail, checkLimitMs } from './check-limit.ts';
import { virtualKey } from './keys.ts';
import type { Config, ServerCheck, VirtualServer } from './model.ts';

export interface TimeSpan {
  readonly typicalMs: number;
  readonly worstMs: number;
}

/** How long a change of a real server goes unnoticed. */
export interface VirtualTiming {
  /** As of `virtualKey`. */
  readonly virtual: string;
  /** From its failure until it is out; absent: never, as the check cannot fail. */
  readonly detection?: TimeSpan;
  /** From its recovery until it is in again. */
  readonly recovery?: TimeSpan;
}

/** Detection and recovery times of every virtual server, by the values of its checks. */
export function timings(config: Config): readonly VirtualTiming[] {
  return config.virtuals.map(timingOf);
}

/**
 * Typical: the server refuses (or answers) at once, and changes in the middle between two checks.
 * Worst: it changes right after a check was sent, and every check that concerns the change takes
 * all its time.
 */
function timingOf(virtual: VirtualServer): VirtualTiming {
  const checks = virtual.reals.flatMap((real) => real.checks);
  const spans = checks.filter(({ definition }) => !cannotFail(definition)).map(spansOf);
  if (spans.length === 0) return { virtual: virtualKey(virtual.id) };
  return {
    virtual: virtualKey(virtual.id),
    detection: longest(spans.map(({ detection }) => detection)),
    recovery: longest(spans.map(({ recovery }) => recovery)),
  };
}

/** The failure may be one that only the slowest check sees; all of them must see the recovery. */
function longest(spans: readonly TimeSpan[]): TimeSpan {
  return {
    typicalMs: Math.max(...spans.map(({ typicalMs }) => typicalMs)),
    worstMs: Math.max(...spans.map(({ worstMs }) => worstMs)),
  };
}

function spansOf({ definition: check, intervals, failureCount, rise }: ServerCheck): {
  readonly detection: TimeSpan;
  readonly recovery: TimeSpan;
} {
  const { normalMs, fastMs, downMs } = intervals;
  const limitMs = checkLimitMs(check);
  // Connects that go well hide a service that does not, until the next negotiate.
  const blind = check.type === 'combined' ? check.connects : 0;
  const detection = repeats(failureCount, normalMs, fastMs, limitMs);
  const recovery = repeats(rise, downMs, fastMs, limitMs);
  return {
    detection: {
      typicalMs: normalMs / 2 + detection.typicalMs,
      worstMs: (1 + blind) * Math.max(normalMs, limitMs) + detection.worstMs,
    },
    recovery: {
      typicalMs: downMs / 2 + recovery.typicalMs,
      worstMs: Math.max(downMs, limitMs) + recovery.worstMs,
    },
  };
}

/**
 * From the start of the first check that tells of the change to the end of the last one needed.
 *
 * @param beforeMs - the interval until the first one; from its result on, fastMs counts.
 */
function repeats(count: number, beforeMs: number, fastMs: number, limitMs: number): TimeSpan {
  if (count === 1) return { typicalMs: 0, worstMs: limitMs };
  // A check that takes longer than the interval is followed by the next one at once.
  const gapMs = Math.max(fastMs, limitMs);
  // A new interval has a grid of its own, whose next point comes at some time within it.
  const first =
    fastMs === beforeMs
      ? { typicalMs: fastMs, worstMs: gapMs }
      : { typicalMs: fastMs / 2, worstMs: limitMs + fastMs };
  return {
    typicalMs: first.typicalMs + (count - 2) * fastMs,
    worstMs: first.worstMs + (count - 2) * gapMs + limitMs,
  };
}
