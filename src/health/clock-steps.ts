import type { Clock } from './clock.ts';

/** Less than this is drift, or what lies between two questions. */
const toleratedMs = 1000;

/**
 * Notices that the time of day was set, forward or back: it then differs from the clock that only
 * ever grows by something else than before. A machine that slept looks the same.
 */
export class ClockSteps {
  readonly #clock: Clock;
  #offsetMs: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#offsetMs = offsetMs(clock);
  }

  /** By how many milliseconds the time of day was moved since the last call; back is negative. */
  take(): number {
    const now = offsetMs(this.#clock);
    const movedMs = now - this.#offsetMs;
    if (Math.abs(movedMs) < toleratedMs) return 0;
    this.#offsetMs = now;
    return movedMs;
  }
}

function offsetMs(clock: Clock): number {
  return clock.wallTime().getTime() - clock.now();
}
