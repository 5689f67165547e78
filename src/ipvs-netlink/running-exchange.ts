import type { Exchange, ExchangeResult } from './exchange.ts';
import { type NetlinkMessage, NLMSG_OVERRUN, parseMessages } from './message.ts';

/** After a loss, how long the answers that did reach the receive buffer may take to be read. */
const LOSS_GRACE_MS = 250;

/**
 * An exchange with its deadline: ends when the kernel has said its last word, when time is up, or
 * shortly after a loss. Its timer keeps the process alive, which the socket does not.
 */
export class RunningExchange {
  readonly #exchange: Exchange;
  readonly #settle: (result: ExchangeResult) => void;
  #cancelDeadline: () => void = () => {};

  constructor(exchange: Exchange, settle: (result: ExchangeResult) => void) {
    this.#exchange = exchange;
    this.#settle = settle;
  }

  /** To be called when the request is out: the kernel does most of its work inside of the send. */
  awaitAnswer(timeoutMs: number): void {
    if (this.#exchange.finished) return;
    this.#setDeadline(timeoutMs, () => {
      this.abort('ETIMEDOUT', `expected an answer of the kernel within ${timeoutMs} ms`);
    });
  }

  /** Takes a datagram; one that cannot be understood counts as lost. Never throws. */
  receive(datagram: Buffer): void {
    try {
      for (const message of parseMessages(datagram)) this.#take(message);
    } catch (error) {
      this.lose('EBADMSG', 'expected whole netlink messages', error);
    }
    if (this.#exchange.finished) this.#end();
  }

  /** Something is missing; what did arrive may still come in. */
  lose(code: string, detail: string, cause?: unknown): void {
    this.#exchange.lose(code, detail, cause);
    this.#setDeadline(LOSS_GRACE_MS, () => this.#end());
  }

  /** Nothing more will come. */
  abort(code: string, detail: string, cause?: unknown): void {
    this.#exchange.lose(code, detail, cause);
    this.#end();
  }

  #take(message: NetlinkMessage): void {
    if (message.type === NLMSG_OVERRUN) this.lose('ENOBUFS', 'the kernel reported an overrun');
    else this.#exchange.take(message);
  }

  /**
   * Timers that are due run before sockets are read. Where the process was held up for long, the
   * answer may be waiting already: so the socket has its turn before time is called.
   */
  #setDeadline(ms: number, expire: () => void): void {
    this.#cancelDeadline();
    let immediate: NodeJS.Immediate | undefined;
    const timer = setTimeout(() => {
      immediate = setImmediate(expire);
    }, ms);
    this.#cancelDeadline = () => {
      clearTimeout(timer);
      clearImmediate(immediate);
    };
  }

  #end(): void {
    this.#cancelDeadline();
    this.#settle(this.#exchange.result());
  }
}
