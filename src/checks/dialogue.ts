import { connect, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { CheckTarget, TlsSettings } from '../config/check-target.ts';
import { closeGracefully } from './graceful-close.ts';
import type { ReceiveSearch } from './receive-search.ts';
import { tcpOptions } from './tcp-options.ts';
import { certificateWarning, connectTls, explained, type TlsWish } from './tls-connection.ts';

/** Longest line that is waited for; what is longer is no answer of a line protocol. */
const longestLine = 64 * 1024;

export interface DialogueOptions {
  /** Over TLS; over plain TCP if not given. */
  readonly tls?: TlsWish | undefined;
}

/**
 * A conversation in lines over TCP or TLS. Lines are undecoded: each character of their text is one byte.
 * After an abort every call rejects with the signal's reason.
 */
export class Dialogue {
  readonly #socket: Socket;
  readonly #signal: AbortSignal;
  /** What has come and was not asked for yet. */
  #text = '';
  #over = false;
  #isConnected = false;
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
    socket.once(socket instanceof TLSSocket ? 'secureConnect' : 'connect', () => {
      this.#isConnected = true;
      this.#wake();
    });
    socket.on('error', (error) => {
      this.#failure = explained(error, socket);
    });
    // After 'end' and after 'error' alike.
    socket.on('end', this.#onOver);
    socket.on('close', this.#onOver);
  }

  /** Begins to connect; the first `line()` waits for the connection as well. */
  static open(target: CheckTarget, signal: AbortSignal, options: DialogueOptions = {}): Dialogue {
    signal.throwIfAborted();
    const to = tcpOptions(target);
    const socket = options.tls === undefined ? connect(to) : connectTls(to, options.tls);
    return new Dialogue(socket, signal);
  }

  /** What there is to say about the server's certificate, under those settings. */
  certificateWarning(settings: TlsSettings): string | undefined {
    return certificateWarning(this.#socket, settings, new Date());
  }

  /**
   * Waits for the connection, and for the handshake of TLS.
   *
   * @returns address and port on this side, IPv6 without brackets.
   * @throws Error of the socket, or that the server has closed before.
   */
  async connected(): Promise<{ readonly address: string; readonly port: number }> {
    while (!this.#isConnected) {
      if (this.#failure !== undefined) throw this.#failure;
      if (this.#over) throw new Error('connection closed without an answer');
      await this.#news();
    }
    const { localAddress = '', localPort = 0 } = this.#socket;
    return { address: localAddress, port: localPort };
  }

  /**
   * The next line, whole and without its end.
   *
   * @throws Error of the socket, that the line is too long, or that the server has closed before
   *   the line was complete.
   */
  async answer(): Promise<string> {
    const line = await this.line();
    if (line === undefined) throw new Error('connection closed without an answer');
    if (!line.endsWith('\n')) throw new Error('connection closed in the middle of a line');
    return line.replace(/\r?\n$/, '');
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
      await this.#news();
    }
  }

  /**
   * Waits until what has come and was not taken yet matches, and takes it up to the end of the match.
   *
   * @returns what was taken; undefined when the server has closed.
   * @throws Error of the socket, or that too much has come without a match.
   */
  async expect(expression: ReceiveSearch): Promise<string | undefined> {
    for (;;) {
      const end = expression.endOf(this.#text);
      if (end !== undefined) return this.#take(end);
      if (this.#failure !== undefined) throw this.#failure;
      if (this.#text.length > longestLine) throw new Error(`more than ${longestLine} bytes`);
      if (this.#over) return undefined;
      await this.#news();
    }
  }

  /** What has come and was not taken yet. */
  get rest(): string {
    return this.#text;
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

  #news(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
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
