import type { Logger } from 'pino';
import { messageOf } from '../../config/system-error.ts';
import type { Clock } from '../../health/clock.ts';
import { withTimeLimit } from '../run-command.ts';
import { TaskQueue } from '../task-queue.ts';
import type { Letter } from './letter.ts';
import { type MailRoute, routeName } from './route.ts';

/** Brings one letter to its mail server. @throws MailError when it could not. */
export type SendLetter = (letter: Letter, route: MailRoute, signal: AbortSignal) => Promise<void>;

/** A mail did not get through. */
export class MailError extends Error {
  override readonly name = 'MailError';
  /** The server has said no for good: there is no use in trying again. */
  readonly isFinal: boolean;

  constructor(message: string, isFinal: boolean) {
    super(message);
    this.isFinal = isFinal;
  }
}

/** Waits between the attempts; after the last one the letter is given up. */
const retryDelaysMs = [10_000, 60_000, 300_000];
const attemptMs = 30_000;
/** So many letters wait for one mail server; then the oldest are dropped. */
const mostWaiting = 100;

export interface OutboxParts {
  readonly send: SendLetter;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Letters that wait to be sent, a queue for each mail server, so that a dead one holds up no other. */
export class Outbox {
  readonly #parts: OutboxParts;
  readonly #queues = new Map<string, TaskQueue<Letter>>();
  /** Aborted at the end: no more waiting for another attempt. */
  readonly #ending = new AbortController();

  constructor(parts: OutboxParts) {
    this.#parts = parts;
  }

  add(letter: Letter, route: MailRoute): void {
    const key = routeName(route);
    const queue = this.#queues.get(key) ?? this.#newQueue(route);
    this.#queues.set(key, queue);
    queue.add(letter);
    const [oldest, ...kept] = queue.waiting;
    if (oldest === undefined || kept.length < mostWaiting) return;
    queue.replaceWaiting(kept);
    this.#parts.log.error(`emailalert: too many mails wait for ${key}, dropped: ${oldest.subject}`);
  }

  /** Gives every letter that waits one more attempt; when the signal is aborted, drops them. */
  async close(signal: AbortSignal): Promise<void> {
    this.#ending.abort();
    await Promise.all([...this.#queues.values()].map((queue) => queue.close(signal)));
  }

  #newQueue(route: MailRoute): TaskQueue<Letter> {
    return new TaskQueue<Letter>(this.#parts.log, (letter, signal) =>
      this.#deliver(letter, route, signal),
    );
  }

  async #deliver(letter: Letter, route: MailRoute, signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#parts;
    for (const delayMs of [...retryDelaysMs, undefined]) {
      const failure = await this.#attempt(letter, route, signal);
      if (failure === undefined) {
        log.info({ recipients: letter.recipients }, `emailalert: ${letter.subject}`);
        return;
      }
      const isOver = delayMs === undefined || failure.isFinal || this.#ending.signal.aborted;
      const next = isOver ? 'given up' : `next attempt in ${delayMs / 1000} s`;
      const about = `"${letter.subject}" by ${routeName(route)}`;
      log.error(`emailalert: ${about} not sent: ${failure.message}; ${next}`);
      if (isOver) return;
      await pause(clock, delayMs, this.#ending.signal);
    }
  }

  async #attempt(
    letter: Letter,
    route: MailRoute,
    signal: AbortSignal,
  ): Promise<MailError | undefined> {
    const { clock, send } = this.#parts;
    try {
      await withTimeLimit(clock, attemptMs, signal, (limited) => send(letter, route, limited));
      return undefined;
    } catch (error) {
      if (error instanceof MailError) return error;
      return new MailError(messageOf(error), false);
    }
  }
}

/** Returns after the time, or at once when the signal is aborted. */
function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = clock.setTimer(end, ms);
    function end(): void {
      timer.cancel();
      signal.removeEventListener('abort', end);
      resolve();
    }
    signal.addEventListener('abort', end);
    if (signal.aborted) end();
  });
}
