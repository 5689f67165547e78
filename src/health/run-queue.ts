import type { Clock } from './clock.ts';

/** Of all the places, those that runs known to be slow, or not known at all, may hold. */
const slowShare = 0.75;
/** A run that took longer is slow: most likely its server does not answer. */
const promptMs = 1000;

/** No launch takes longer; where it seems so, the process did not run. */
const longestRestMs = 250;

/** Something that wants to run, again and again. */
export interface Runner {
  /** How long its last run took; undefined before the first. */
  readonly lastRunMs: number | undefined;
  readonly intervalMs: number;
}

export interface RunQueueOptions<R extends Runner> {
  readonly clock: Clock;
  /** Runs side by side; more than 0. */
  readonly atOnce: number;
  /**
   * To begin a run keeps the event loop from all other work, as fork(2) does: they begin one by one,
   * and the loop is left to others for as long as each took.
   */
  readonly paced: boolean;
  readonly launch: (runner: R) => void;
  /** Told once, when one has waited longer than its interval: there is not room for all. */
  readonly onShortage: () => void;
}

/**
 * Lets no more than so many run side by side; the others wait in the order in which they came.
 *
 * Servers that do not answer hold a place until their deadline. So that they cannot take all of them,
 * a part is only for runners whose last run was prompt. Slow ones have the first claim on the rest:
 * neither kind starves while the other has much to do.
 */
export class RunQueue<R extends Runner> {
  readonly #options: RunQueueOptions<R>;
  readonly #mostSlow: number;
  /** Since when each waits. */
  readonly #prompt = new Map<R, number>();
  readonly #slow = new Map<R, number>();
  /** Those that run, and whether each counts as slow. */
  readonly #running = new Map<R, boolean>();
  #slowRunning = 0;
  #isResting = false;
  #isShort = false;

  constructor(options: RunQueueOptions<R>) {
    this.#options = options;
    this.#mostSlow = Math.max(1, Math.floor(options.atOnce * slowShare));
  }

  /** Launches it as soon as there is room, at once if there is now. One that waits goes on waiting. */
  enter(runner: R): void {
    if (this.#prompt.has(runner) || this.#slow.has(runner)) return;
    const lane = isPrompt(runner) ? this.#prompt : this.#slow;
    lane.set(runner, this.#options.clock.now());
    this.#advance();
  }

  /** Their runs are over, or they do not want to run any more. */
  leave(runners: Iterable<R>): void {
    for (const runner of runners) {
      this.#prompt.delete(runner);
      this.#slow.delete(runner);
      if (this.#running.get(runner)) this.#slowRunning--;
      this.#running.delete(runner);
    }
    this.#advance();
  }

  #advance(): void {
    while (!this.#isResting && this.#running.size < this.#options.atOnce) {
      const lane =
        this.#slowRunning < this.#mostSlow && this.#slow.size > 0 ? this.#slow : this.#prompt;
      const [next] = lane;
      if (next === undefined) return;
      const [runner, sinceMs] = next;
      lane.delete(runner);
      this.#running.set(runner, lane === this.#slow);
      if (lane === this.#slow) this.#slowRunning++;
      this.#noteWait(runner, sinceMs);
      if (this.#options.paced) this.#rest();
      this.#options.launch(runner);
    }
  }

  #noteWait({ intervalMs }: R, sinceMs: number): void {
    if (this.#isShort || this.#options.clock.now() - sinceMs < intervalMs) return;
    this.#isShort = true;
    this.#options.onShortage();
  }

  /** The first timer comes when the launch is done with, the second as much later. */
  #rest(): void {
    const { clock } = this.#options;
    this.#isResting = true;
    const startMs = clock.now();
    clock.setTimer(() => {
      clock.setTimer(
        () => {
          this.#isResting = false;
          this.#advance();
        },
        Math.min(clock.now() - startMs, longestRestMs),
      );
    }, 0);
  }
}

function isPrompt({ lastRunMs }: Runner): boolean {
  return lastRunMs !== undefined && lastRunMs <= promptMs;
}
