import type { Clock, Timer } from './clock.ts';

/** How often it looks whether time went by unnoticed. */
const pulseMs = 200;
/** A timer this late is no matter of load any more. */
const toleratedMs = 250;

/**
 * Notices that the process did not run for a while: it was stopped, starved or blocked, or the
 * machine slept. Nobody looked at the sockets meanwhile, so that what was under way then and has
 * come to nothing says nothing about the servers.
 */
export class StallWatch {
  readonly #clock: Clock;
  readonly #onStall: (lostMs: number) => void;
  #timer: Timer | undefined;
  /** What the two clocks said when the timer was set. */
  #set = { nowMs: 0, wallMs: 0 };
  #endMs = Number.NEGATIVE_INFINITY;

  /** @param onStall told how long the process did not run. */
  constructor(clock: Clock, onStall: (lostMs: number) => void) {
    this.#clock = clock;
    this.#onStall = onStall;
  }

  /** When the last one ended, by the clock's `now()`; -Infinity before the first. */
  get endMs(): number {
    return this.#endMs;
  }

  start(): void {
    if (this.#timer === undefined) this.#arm();
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  /** To be called by timers before they act: they can be the first to fire after a stall. */
  look(): void {
    if (this.#timer === undefined) return;
    const nowMs = this.#clock.now();
    const elapsedMs = nowMs - this.#set.nowMs;
    // CLOCK_MONOTONIC stands still while the machine sleeps, the time of day does not
    const sleptMs = this.#clock.wallTime().getTime() - this.#set.wallMs - elapsedMs;
    const lostMs = Math.max(elapsedMs - pulseMs, sleptMs);
    if (lostMs <= toleratedMs) return;
    this.#endMs = nowMs;
    this.#timer.cancel();
    this.#arm();
    this.#onStall(lostMs);
  }

  #arm(): void {
    const clock = this.#clock;
    this.#set = { nowMs: clock.now(), wallMs: clock.wallTime().getTime() };
    this.#timer = clock.setTimer(() => {
      this.look();
      this.#timer?.cancel();
      this.#arm();
    }, pulseMs);
  }
}
