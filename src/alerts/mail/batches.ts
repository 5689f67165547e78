import type { Clock, Timer } from '../../health/clock.ts';
import { digest, type Letter, letterKey } from './letter.ts';

/** So many letters to the same recipients go out at once in a minute; what is more waits for a digest. */
const perMinute = 30;
const minuteMs = 60_000;
/** So many waiting letters are kept; what is more is only counted. */
const mostWaiting = 500;

interface List {
  /** When letters went out, the newest last; of the last minute only. */
  sentMs: readonly number[];
  waiting: Letter[];
  dropped: number;
  timer: Timer | undefined;
}

/** Lets a few letters through and makes one of many, so that a storm fills no mailbox. */
export class Batches {
  readonly #clock: Clock;
  readonly #host: string;
  readonly #send: (letter: Letter) => void;
  readonly #lists = new Map<string, List>();

  constructor(clock: Clock, host: string, send: (letter: Letter) => void) {
    this.#clock = clock;
    this.#host = host;
    this.#send = send;
  }

  add(letter: Letter): void {
    const key = letterKey(letter);
    const list = this.#lists.get(key) ?? { sentMs: [], waiting: [], dropped: 0, timer: undefined };
    this.#lists.set(key, list);
    const now = this.#clock.now();
    list.sentMs = list.sentMs.filter((atMs) => atMs > now - minuteMs);
    if (list.timer === undefined && list.sentMs.length < perMinute) {
      list.sentMs = [...list.sentMs, now];
      this.#send(letter);
      return;
    }
    if (list.waiting.length < mostWaiting) list.waiting.push(letter);
    else list.dropped++;
    list.timer ??= this.#clock.setTimer(() => this.#flush(list), minuteMs);
  }

  /** Sends what waits, now. */
  flush(): void {
    for (const list of this.#lists.values()) this.#flush(list);
  }

  #flush(list: List): void {
    list.timer?.cancel();
    list.timer = undefined;
    const [first, ...rest] = list.waiting;
    if (first === undefined) return;
    const { dropped } = list;
    list.waiting = [];
    list.dropped = 0;
    list.sentMs = [this.#clock.now()];
    this.#send(digest([first, ...rest], dropped, this.#host));
  }
}
