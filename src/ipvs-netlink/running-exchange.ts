import type { Exchange, ExchangeResult } from './exchange.ts';
import { parseMessages } from './message.ts';

/** After a loss, how long the answers that did reach the receive buffer may take to be read. */
const LOSS_GRACE_MS = 250;

/**
 * An exchange with its deadline: ends when the kernel has said its last word, when time is up, or
 * shortly after a loss. Its timer keeps the process alive, which the socket does not.
 */
export class RunningExchange {
  readonly #exchange: Exchange;
  readonly #settle: (result: ExchangeResult) => void;
  #timer: NodeJS.Timeout;

  constructor(exchange: Exchange, timeoutMs: number, settle: (result: ExchangeResult) => void) {
    this.#exchange = exchange;
    this.#settle = settle;
    this.#timer = setTimeout(() => {
      this.abort('ETIMEDOUT', `expected an answer of the kernel within ${timeoutMs} ms`);
    }, timeoutMs);
  }

  /** Takes a datagram; one that cannot be understood counts as lost. Never throws. */
  receive(datagram: Buffer): void {
    try {
      for (const message of parseMessages(datagram)) this.#exchange.take(message);
    } catch (error) {
      this.lose('EBADMSG', 'expected whole netlink messages', error);
    }
    if (this.#exchange.finished) this.#end();
  }

  /** Something is missing; what did arrive may still come in. */
  lose(code: string, detail: string, cause?: unknown): void {
    this.#exchange.lose(code, detail, cause);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#end(), LOSS_GRACE_MS);
  }

  /** Nothing more will come. */
  abort(code: string, detail: string, cause?: unknown): void {
    this.#exchange.lose(code, detail, cause);
    this.#end();
  }

  #end(): void {
    clearTimeout(this.#timer);
    this.#settle(this.#exchange.result());
  }
}
