import { ByteWriter } from './byte-writer.ts';
import { errorCode, NetlinkError } from './errors.ts';
import { type Answer, Exchange, type ExchangeResult, sequenceAfter } from './exchange.ts';
import {
  type NetlinkMessage,
  NLM_F_ACK,
  NLM_F_DUMP,
  NLM_F_REQUEST,
  writeMessage,
} from './message.ts';
import { RunningExchange } from './running-exchange.ts';
import type { NetlinkSocket, OpenSocket } from './socket.ts';

/** One message to the kernel. */
export interface Request {
  /** What it is for, in words: part of every error. */
  readonly operation: string;
  /** nlmsg_type: the number of the generic netlink family. */
  readonly type: number;
  /** What comes after the netlink header. */
  readonly body: Buffer;
}

export interface ConnectionOptions {
  readonly openSocket: OpenSocket;
  /** How long an answer may take. */
  readonly timeoutMs: number;
}

/**
 * A send stays far below the usual socket buffers of 208 KiB: the request has to fit into the send
 * buffer, and if everything in it fails, each error echoes its request into the receive buffer.
 */
const MAX_SEND_REQUESTS = 64;
const MAX_SEND_BYTES = 64 * 1024;
const HEADER_BYTES = 16;
const DUMP_ATTEMPTS = 5;

/**
 * Requests and answers over one netlink socket. One exchange runs at a time: the caller waits for
 * one before it starts the next. After a loss the socket is replaced, because late answers, or a
 * dump that was not read to its end (EBUSY), may still be in the old one.
 */
export class NetlinkConnection {
  readonly #options: ConnectionOptions;
  #socket: NetlinkSocket | undefined;
  #running: RunningExchange | undefined;
  #nextSequence = 1;
  #closed = false;

  constructor(options: ConnectionOptions) {
    this.#options = options;
  }

  /**
   * Sends the requests in as few datagrams as the limits allow, acknowledged at the end of each.
   *
   * @returns one answer per request, in order; a failed one does not stop those after it. When the
   *   kernel falls silent, the requests that were not sent by then are answered with ECANCELED.
   * @throws NetlinkError when no socket can be opened.
   */
  async batch(requests: readonly Request[]): Promise<readonly Answer[]> {
    const answers: Answer[] = [];
    for (const chunk of chunks(requests)) {
      const { answers: some, lost } = await this.#exchange(chunk, NLM_F_ACK);
      answers.push(...some);
      if (lost !== undefined) {
        const unsent = requests.slice(answers.length);
        return [...answers, ...unsent.map((request) => notSent(request, lost))];
      }
    }
    return answers;
  }

  /**
   * Asks for a dump, and again when the table changed underneath it or part of it was lost.
   *
   * @returns the messages of one whole dump.
   * @throws NetlinkError when the kernel refuses or stays silent, or no attempt came through whole.
   */
  async dump(request: Request): Promise<readonly NetlinkMessage[]> {
    let failure = interruptedDump(request);
    for (let attempt = 0; attempt < DUMP_ATTEMPTS; attempt++) {
      const { answers, interrupted, lost } = await this.#exchange([request], NLM_F_DUMP);
      if (lost?.code === 'ETIMEDOUT' || lost?.code === 'ECANCELED') throw lost;
      const error = answers[0]?.error;
      if (lost === undefined && error !== undefined) throw error;
      if (lost === undefined && !interrupted) return answers.flatMap(({ messages }) => messages);
      failure = lost ?? interruptedDump(request);
    }
    throw failure;
  }

  /** Gives the socket back; an exchange that is under way ends with ECANCELED. Safe to call twice. */
  close(): void {
    this.#closed = true;
    this.#running?.abort('ECANCELED', 'the connection was closed');
    this.#dropSocket();
  }

  async #exchange(requests: readonly Request[], lastFlags: number): Promise<ExchangeResult> {
    const socket = await this.#ensureSocket(requests);
    const first = this.#nextSequence;
    this.#nextSequence = sequenceAfter(first, requests.length);
    const exchange = new Exchange(
      requests.map(({ operation }) => operation),
      first,
    );
    const result = await new Promise<ExchangeResult>((resolve) => {
      const running = new RunningExchange(exchange, resolve);
      this.#running = running;
      socket.send(pack(requests, first, lastFlags), (error) => {
        if (error !== undefined) {
          running.abort(errorCode(error), 'expected the kernel to take the message', error);
        }
      });
      running.awaitAnswer(this.#options.timeoutMs);
    });
    this.#running = undefined;
    if (result.lost !== undefined) this.#dropSocket();
    return result;
  }

  async #ensureSocket(requests: readonly Request[]): Promise<NetlinkSocket> {
    if (!this.#closed && this.#socket === undefined) {
      this.#socket = await this.#options.openSocket({
        onDatagram: (datagram) => this.#running?.receive(datagram),
        onLoss: (error) => {
          this.#running?.lose(errorCode(error), 'an answer of the kernel was dropped', error);
        },
        onError: (error) => {
          this.#running?.abort(errorCode(error), 'the netlink socket failed', error);
        },
      });
    }
    if (this.#closed || this.#socket === undefined) {
      this.#dropSocket();
      throw new NetlinkError({
        operation: requests[0]?.operation ?? 'netlink',
        code: 'ECANCELED',
        detail: 'the connection is closed',
      });
    }
    return this.#socket;
  }

  #dropSocket(): void {
    this.#socket?.close();
    this.#socket = undefined;
  }
}

/** Cuts the requests into sends. One that is larger than the limit goes alone. */
function chunks(requests: readonly Request[]): readonly (readonly Request[])[] {
  const sends: Request[][] = [];
  let current: Request[] = [];
  let bytes = 0;
  for (const request of requests) {
    const size = HEADER_BYTES + request.body.length;
    const full = current.length === MAX_SEND_REQUESTS || bytes + size > MAX_SEND_BYTES;
    if (current.length === 0 || full) {
      current = [];
      bytes = 0;
      sends.push(current);
    }
    current.push(request);
    bytes += size;
  }
  return sends;
}

function pack(requests: readonly Request[], firstSequence: number, lastFlags: number): Buffer {
  const out = new ByteWriter();
  for (const [index, { type, body }] of requests.entries()) {
    const flags = NLM_F_REQUEST | (index === requests.length - 1 ? lastFlags : 0);
    const sequence = sequenceAfter(firstSequence, index);
    writeMessage(out, { type, flags, sequence }, () => out.bytes(body));
  }
  return out.finish();
}

function notSent({ operation }: Request, lost: NetlinkError): Answer {
  const detail = 'it was not sent, because an answer before it was lost';
  const error = new NetlinkError({ operation, code: 'ECANCELED', detail, cause: lost });
  return { messages: [], error };
}

function interruptedDump({ operation }: Request): NetlinkError {
  const detail = `expected the table to hold still during one of ${DUMP_ATTEMPTS} dumps`;
  return new NetlinkError({ operation, code: 'EINTR', detail });
}
