import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { CheckTarget } from '../config/check-target.ts';
import type { ReceiveSearch } from './receive-search.ts';

/** As much as is kept; what comes after that is dropped. */
const longestText = 64 * 1024;

/**
 * A conversation over UDP, from a port of its own: every text sent is one datagram, and what comes
 * back is read as one text. Each character of a text is one byte.
 */
export class DatagramDialogue {
  readonly #socket: Socket;
  readonly #target: CheckTarget;
  readonly #signal: AbortSignal;
  #text = '';
  #failure: Error | undefined;
  #wake: () => void = () => {};

  constructor(target: CheckTarget, signal: AbortSignal) {
    signal.throwIfAborted();
    this.#target = target;
    this.#signal = signal;
    this.#socket = createSocket(target.family === 'inet6' ? 'udp6' : 'udp4');
    this.#socket.on('error', this.#fail);
    this.#socket.on('message', (datagram) => {
      if (this.#text.length < longestText) this.#text += datagram.toString('latin1');
      this.#wake();
    });
    signal.addEventListener('abort', this.#onAbort);
  }

  /**
   * Fixes who is talked to; nothing is sent for it.
   *
   * @throws Error of the socket.
   */
  async connected(): Promise<void> {
    const { from, port, address } = this.#target;
    if (from !== undefined) this.#socket.bind({ address: from });
    this.#socket.connect(port, address);
    await once(this.#socket, 'connect', { signal: this.#signal });
  }

  /** @param text goes out as one datagram. */
  send(text: string): void {
    this.#socket.send(Buffer.from(text, 'latin1'));
  }

  /**
   * Waits until what has come and was not taken yet matches, and takes it up to the end of the match.
   *
   * @throws Error of the socket, such as ECONNREFUSED after an ICMP port unreachable (udp(7)), or
   *   the reason of the abort.
   */
  async expect(expression: ReceiveSearch): Promise<string> {
    for (;;) {
      const end = expression.endOf(this.#text);
      if (end !== undefined) {
        const taken = this.#text.slice(0, end);
        this.#text = this.#text.slice(end);
        return taken;
      }
      if (this.#failure !== undefined) throw this.#failure;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** What has come and was not taken yet. */
  get rest(): string {
    return this.#text;
  }

  close(): void {
    this.#signal.removeEventListener('abort', this.#onAbort);
    this.#socket.close();
  }

  readonly #fail = (error: Error): void => {
    this.#failure = error;
    this.#wake();
  };

  readonly #onAbort = (): void => {
    const { reason } = this.#signal;
    this.#fail(reason instanceof Error ? reason : new Error(String(reason)));
  };
}
