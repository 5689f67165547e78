import type { Logger } from 'pino';
import { messageOf } from '../config/system-error.ts';
import type { Clock } from '../health/clock.ts';
import type { DaemonEvent, Observer } from './event.ts';

/** How long giving up may take: killing a command, closing a connection. */
const giveUpMs = 2000;

/** All observers as one, which never throws. */
export class Observers {
  readonly #observers: readonly Observer[];
  readonly #log: Logger;

  constructor(observers: readonly Observer[], log: Logger) {
    this.#observers = observers;
    this.#log = log;
  }

  /** Tells all of them; one that throws is logged and the others hear it all the same. */
  tell(event: DaemonEvent): void {
    for (const observer of this.#observers) {
      try {
        observer.observe(event);
      } catch (error) {
        this.#complain(observer, error);
      }
    }
  }

  /**
   * Lets all of them end what they do, side by side.
   *
   * @param patienceMs after this they are told to give up, and a little later left alone.
   */
  async close(clock: Clock, patienceMs: number): Promise<void> {
    const controller = new AbortController();
    const noTime = new Error('the daemon stops');
    const timers = [clock.setTimer(() => controller.abort(noTime), patienceMs)];
    const closing = this.#observers.map(async (observer) => {
      try {
        await observer.close(controller.signal);
      } catch (error) {
        this.#complain(observer, error);
      }
    });
    await Promise.race([
      Promise.all(closing),
      new Promise<void>((resolve) => {
        timers.push(clock.setTimer(resolve, patienceMs + giveUpMs));
      }),
    ]);
    for (const timer of timers) timer.cancel();
  }

  #complain({ name }: Observer, error: unknown): void {
    this.#log.error(`${name}: ${messageOf(error)}`);
  }
}
