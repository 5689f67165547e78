import type { Clock, Timer } from '../../src/health/clock.ts';

interface Entry {
  readonly atMs: number;
  readonly order: number;
  readonly fn: () => void;
  cancelled: boolean;
}

/** A clock that stands still until a test moves it. */
export class VirtualClock implements Clock {
  readonly #heap: Entry[] = [];
  #nowMs = 0;
  #order = 0;
  #asleepMs = 0;

  now(): number {
    return this.#nowMs;
  }

  wallTime(): Date {
    return new Date(Date.UTC(2030, 0, 1) + this.#nowMs + this.#asleepMs);
  }

  setTimer(fn: () => void, ms: number): Timer {
    const entry = {
      atMs: this.#nowMs + Math.max(0, ms),
      order: this.#order++,
      fn,
      cancelled: false,
    };
    this.#push(entry);
    return {
      cancel: () => {
        entry.cancelled = true;
      },
    };
  }

  /** Timers that are set and not cancelled. */
  get pending(): number {
    return this.#heap.filter((entry) => !entry.cancelled).length;
  }

  /**
   * Moves on by `ms`: fires what falls due, in order, and after each lets promises settle, so that
   * a check that answers at once has answered before the next timer.
   */
  async advance(ms: number): Promise<void> {
    const untilMs = this.#nowMs + ms;
    await settle();
    for (let next = this.#heap[0]; next !== undefined && next.atMs <= untilMs; ) {
      this.#pop();
      if (!next.cancelled) {
        this.#nowMs = Math.max(this.#nowMs, next.atMs);
        next.fn();
        await settle();
      }
      next = this.#heap[0];
    }
    this.#nowMs = untilMs;
  }

  /** Time passes while nothing gets to run, as when a process is stopped. */
  jump(ms: number): void {
    this.#nowMs += ms;
  }

  /** The machine sleeps: only the time of day goes on. */
  sleep(ms: number): void {
    this.#asleepMs += ms;
  }

  #push(entry: Entry): void {
    const heap = this.#heap;
    let i = heap.length;
    heap.push(entry);
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (!this.#swapIfLater(parent, i)) break;
      i = parent;
    }
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    heap[0] = last;
    let i = 0;
    for (;;) {
      const left = 2 * i + 1;
      const right = left + 1;
      const child = this.#isLater(left, right) ? right : left;
      if (!this.#swapIfLater(i, child)) break;
      i = child;
    }
  }

  #isLater(a: number, b: number): boolean {
    const first = this.#heap[a];
    const second = this.#heap[b];
    if (first === undefined || second === undefined) return false;
    return first.atMs > second.atMs || (first.atMs === second.atMs && first.order > second.order);
  }

  #swapIfLater(a: number, b: number): boolean {
    const first = this.#heap[a];
    const second = this.#heap[b];
    if (first === undefined || second === undefined || !this.#isLater(a, b)) return false;
    this.#heap[a] = second;
    this.#heap[b] = first;
    return true;
  }
}

function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
