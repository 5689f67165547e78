import { connect, type OnReadOpts, type Socket } from 'node:net';
import type { HttpGetCheck } from '../../config/block-checks.ts';
import { closeGracefully } from '../graceful-close.ts';
import { errorCode, isLocalTrouble } from '../reason.ts';
import { tcpOptions } from '../tcp-options.ts';
import { certificateWarning, connectTls, type TlsWish } from '../tls-connection.ts';
import {
  type AnswerHead,
  type AnswerSink,
  bodyReadLimit,
  createAnswerReader,
} from './answer-reader.ts';
import { FetchError, type FetchFailure, failureOf, type Step } from './fetch-error.ts';

export interface Fetch {
  readonly target: HttpGetCheck['target'];
  /** Present over TLS. */
  readonly tls?: TlsWish | undefined;
  readonly request: Buffer;
  readonly signal: AbortSignal;
  /**
   * How long all of it may take, not counting what the sink takes; as keepalived: the connection,
   * the TLS handshake, each read, and over TLS the whole answer. Absent: the signal alone decides.
   */
  readonly limitMs?: number | undefined;
  /**
   * Reads of keepalived's size, to the close also when the content length is reached, and a reset
   * over TLS counts as the close.
   */
  readonly asKeepalived?: boolean;
}

export interface Answer extends AnswerHead {
  /** Bytes of the body that count. */
  readonly bodyLength: number;
  /** About the end of the server's certificate. */
  readonly warning: string | undefined;
}

/** For all connections: what a read brings is taken before the next one of any of them. */
const readBuffer = Buffer.allocUnsafeSlow(bodyReadLimit);

/**
 * Sends one request over a connection of its own and hands the answer to the sink as it comes.
 *
 * Ends as soon as the body has its content length, where keepalived waits for the server to close:
 * what comes later never counted. Without a content length the close ends the body.
 *
 * @throws FetchError when no whole answer comes, the signal's reason when it is aborted, and the
 *   error itself when the trouble is this machine's.
 */
export function fetchAnswer(fetch: Fetch, sink: AnswerSink): Promise<Answer> {
  const { signal, limitMs, asKeepalived = false } = fetch;
  signal.throwIfAborted();
  const reader = createAnswerReader(sink, asKeepalived);
  return new Promise((resolve, reject) => {
    let settled = false;
    const socket = open(fetch, {
      buffer: () => readBuffer.subarray(0, reader.room()),
      callback: (length, bytes) => {
        if (!settled) take(Buffer.from(bytes.buffer, bytes.byteOffset, length));
        return settled || !holdUp();
      },
    });
    const settle = (finish: () => void): void => {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      signal.removeEventListener('abort', giveUp);
      finish();
    };
    const fail = (failure: FetchFailure, cause?: Error): void =>
      settle(() => {
        socket.destroy();
        reject(isLocalTrouble(cause) ? cause : new FetchError(failure, socket, cause));
      });
    const giveUp = (): void =>
      settle(() => {
        socket.destroy();
        reject(signal.reason);
      });
    const succeed = (head: AnswerHead): void =>
      settle(() => {
        const warning = fetch.tls && certificateWarning(socket, fetch.tls.settings, new Date());
        resolve({ ...head, bodyLength: reader.bodyLength, warning });
        closeGracefully(socket, signal);
      });

    let step: Step = 'connecting';
    let timer: NodeJS.Timeout | undefined;
    const wait = (): void => {
      if (limitMs === undefined || (timer !== undefined && !asKeepalived)) return;
      clearTimeout(timer);
      timer = setTimeout(() => fail(timeouts[step]), limitMs);
    };
    /** @returns whether the sink has enough for now: no more is read then until it has room. */
    const holdUp = (): boolean => {
      const room = sink.room?.();
      if (room === undefined) return false;
      clearTimeout(timer);
      timer = undefined;
      void room.then(() => {
        if (settled) return;
        wait();
        socket.resume();
      });
      return true;
    };
    const take = (bytes: Buffer): void => {
      if (step !== 'tls-answer') {
        step = 'answer';
        wait();
      }
      reader.push(bytes);
      const { state, head } = reader;
      if (state === 'header-too-long') fail('header-too-long');
      else if (state === 'complete' && head && !asKeepalived) succeed(head);
    };
    /** The server has closed, in which way ever. */
    const end = (failure: FetchFailure): void => {
      if (reader.head === undefined) fail(failure);
      else succeed(reader.head);
    };
    wait();
    socket.once('connect', wait);
    socket.once(fetch.tls ? 'secureConnect' : 'connect', () => {
      step = fetch.tls ? 'tls-answer' : 'first-byte';
      wait();
      socket.write(fetch.request);
    });
    socket.once('end', () => {
      // In a handshake an error follows, and says more.
      if (step !== 'connecting') end(step === 'tls-answer' ? 'tls-closed' : 'closed');
    });
    socket.on('error', (error) => {
      const isReset = step === 'tls-answer' && errorCode(error) === 'ECONNRESET';
      if (isReset && asKeepalived) end('closed');
      else fail(failureOf(error, step), error);
    });
    signal.addEventListener('abort', giveUp);
  });
}

const timeouts: Readonly<Record<Step, FetchFailure>> = {
  connecting: 'connect-timeout',
  'first-byte': 'first-byte-timeout',
  answer: 'read-timeout',
  'tls-answer': 'tls-read-timeout',
};

function open({ target, tls }: Fetch, onread: OnReadOpts): Socket {
  const to = { ...tcpOptions(target), onread };
  return tls === undefined ? connect(to) : connectTls(to, tls);
}
