import type { Logger } from 'pino';
import { messageOf } from '../config/system-error.ts';

/** Work that is done one piece after the other, in the order in which it came. */
export class TaskQueue<T> {
  readonly #work: (item: T, signal: AbortSignal) => Promise<void>;
  readonly #log: Logger;
  readonly #abort = new AbortController();
  #waiting: readonly T[] = [];
  #running: Promise<void> | undefined;

  /**
   * @param work an aborted signal asks it to end at once.
   * @param log where its rejections go.
   */
  constructor(log: Logger, work: (item: T, signal: AbortSignal) => Promise<void>) {
    this.#log = log;
    this.#work = work;
  }

  add(item: T): void {
    this.#waiting = [...this.#waiting, item];
    this.#running ??= this.#run();
  }

  /** What has not begun yet. */
  get waiting(): readonly T[] {
    return this.#waiting;
  }

  /** Puts something else in the place of what has not begun yet. */
  replaceWaiting(items: readonly T[]): void {
    this.#waiting = items;
  }

  /**
   * Waits until all is done.
   *
   * @param signal aborted when there is no more time: ends the running piece, drops the others.
   */
  async close(signal: AbortSignal): Promise<void> {
    const giveUp = (): void => {
      this.#waiting = [];
      this.#abort.abort(signal.reason);
    };
    signal.addEventListener('abort', giveUp);
    if (signal.aborted) giveUp();
    await this.#running;
    signal.removeEventListener('abort', giveUp);
  }

  async #run(): Promise<void> {
    for (let [item] = this.#waiting; item !== undefined; [item] = this.#waiting) {
      this.#waiting = this.#waiting.slice(1);
      try {
        await this.#work(item, this.#abort.signal);
      } catch (error) {
        this.#log.error(messageOf(error));
      }
    }
    this.#running = undefined;
  }
}
