import { connect, type Socket } from 'node:net';
import type { Endpoint } from '../config/model.ts';
import { closeGracefully } from './graceful-close.ts';

/** Longest line that is waited for; what is longer is no answer of a line protocol. */
const longestLine = 64 * 1024;

/**
 * A conversation in lines over TCP. Lines are undecoded: each character of their text is one byte.
 * After an abort every call rejects with the signal's reason.
 */
export class Dialogue {
  readonly #socket: Socket;
  readonly #signal: AbortSignal;
  /** What has come and was not asked for yet. */
  #text = '';
  #over = false;
  #failure: Error | undefined;
  #wake: () => void = () => {};

  private constructor(socket: Socket, signal: AbortSignal) {
    this.#socket = socket;
    this.#signal = signal;
    signal.addEventListener('abort', this.#onAbort);
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => {
      this.#text += text;
      if (this.#text.length > longestLine) socket.pause();
      this.#wake();
    });
    socket.on('error', (error) => {
      this.#failure = error;
    });
    // After 'end' and after 'error' alike.
    socket.on('end', this.#onOver);
    socket.on('close', this.#onOver);
  }

  /** Begins to connect; the first `line()` waits for the connection as well. */
  static open({ address, port }: Endpoint, signal: AbortSignal): Dialogue {
    signal.throwIfAborted();
    return new Dialogue(connect({ host: address, port }), signal);
  }

  /**
   * The next line with its newline, or what stands after the last one.
   *
   * @returns undefined when the server has closed and nothing is left.
   * @throws Error of the socket, or that the line is too long.
   */
  async line(): Promise<string | undefined> {
    for (;;) {
      const end = this.#text.indexOf('\n') + 1;
      if (end > 0) return this.#take(end);
      if (this.#failure !== undefined) throw this.#failure;
      if (this.#text.length > longestLine) throw new Error('the answer has a line without end');
      if (this.#over) return this.#text === '' ? undefined : this.#take(this.#text.length);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** @param text each character one byte. */
  send(text: string): void {
    this.#socket.write(text, 'latin1');
  }

  /** Sends FIN; the server can still answer. */
  finishSending(): void {
    this.#socket.end();
  }

  /** Ends the connection in good order, in the background. */
  close(): void {
    this.#signal.removeEventListener('abort', this.#onAbort);
    closeGracefully(this.#socket, this.#signal);
  }

  #take(length: number): string {
    const taken = this.#text.slice(0, length);
    this.#text = this.#text.slice(length);
    if (this.#text.length <= longestLine) this.#socket.resume();
    return taken;
  }

  readonly #onAbort = (): void => {
    const { reason } = this.#signal;
    this.#socket.destroy(reason instanceof Error ? reason : new Error(String(reason)));
  };

  readonly #onOver = (): void => {
    this.#over = true;
    this.#wake();
  };
}
