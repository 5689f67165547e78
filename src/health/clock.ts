/** A timer that has been set; cancelling it twice, or after it fired, does nothing. */
export interface Timer {
  cancel(): void;
}

/** Where time comes from. Passed in, so that a test can hold it still and move it on. */
export interface Clock {
  /** Milliseconds that only ever grow, from an arbitrary origin. */
  now(): number;
  /** Time of day, for what people read. */
  wallTime(): Date;
  /** Calls `fn` once, `ms` milliseconds from now or a little later; 0 and less: as soon as possible. */
  setTimer(fn: () => void, ms: number): Timer;
}

/** setTimeout takes longer delays for 1 ms (Node manual, timers: values above 2147483647). */
const longestTimeoutMs = 2_147_483_647;

/** The clock of the machine: CLOCK_MONOTONIC and setTimeout. */
export const systemClock: Clock = {
  now: () => performance.now(),
  wallTime: () => new Date(),
  setTimer: setSystemTimer,
};

function setSystemTimer(fn: () => void, ms: number): Timer {
  let handle: NodeJS.Timeout;
  const arm = (leftMs: number): void => {
    handle =
      leftMs > longestTimeoutMs
        ? setTimeout(arm, longestTimeoutMs, leftMs - longestTimeoutMs)
        : setTimeout(fn, Math.max(0, leftMs));
  };
  arm(ms);
  return { cancel: () => clearTimeout(handle) };
}
