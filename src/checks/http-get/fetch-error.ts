import type { Socket } from 'node:net';
import { describeError, errorCode } from '../reason.ts';
import { tlsFault } from '../tls-connection.ts';
import { readLimit } from './answer-reader.ts';

/** How far a fetch is, as far as its time limits differ. */
export type Step = 'connecting' | 'first-byte' | 'answer' | 'tls-answer';

/** Why no whole answer came, as far as keepalived tells such things apart. */
export type FetchFailure =
  | 'connect'
  | 'unreachable'
  | 'connect-timeout'
  | 'handshake'
  | 'first-byte-timeout'
  | 'read-timeout'
  | 'tls-read-timeout'
  | 'read'
  | 'tls-read'
  | 'closed'
  | 'tls-closed'
  | 'header-too-long';

/** No whole answer came; the message is one line that says why. */
export class FetchError extends Error {
  override readonly name = 'FetchError';
  readonly failure: FetchFailure;

  constructor(failure: FetchFailure, socket: Socket, cause?: Error) {
    super(sentenceOf(failure, socket, cause), { cause });
    this.failure = failure;
  }
}

/** What an error of the socket is in keepalived's terms. */
export function failureOf(error: Error, step: Step): FetchFailure {
  if (step === 'tls-answer') return 'tls-read';
  if (step !== 'connecting') return 'read';
  const code = errorCode(error);
  if (code === 'ENETUNREACH') return 'unreachable';
  return isClosedHandshake(error) || code === 'EPROTO' || code?.startsWith('ERR_')
    ? 'handshake'
    : 'connect';
}

/** Node gives the code of a reset also to an orderly close in the middle of a handshake. */
function isClosedHandshake(error: Error): boolean {
  return errorCode(error) === 'ECONNRESET' && !('syscall' in error);
}

function sentenceOf(failure: FetchFailure, socket: Socket, cause: Error | undefined): string {
  if (cause === undefined || (failure === 'handshake' && isClosedHandshake(cause))) {
    return sentences[failure];
  }
  return tlsFault(cause, socket) ?? describeError(cause);
}

const closed = 'connection closed before the end of a HTTP header';

/** For failures that are no error of the socket. */
const sentences: Readonly<Record<FetchFailure, string>> = {
  connect: 'connection failed',
  unreachable: 'network is unreachable',
  handshake: 'connection closed during the TLS handshake',
  read: 'reading failed',
  'tls-read': 'reading failed',
  'connect-timeout': 'no connection in time',
  'first-byte-timeout': 'connected, but no answer in time',
  'read-timeout': 'the answer did not end in time',
  'tls-read-timeout': 'the answer did not end in time',
  closed,
  'tls-closed': closed,
  'header-too-long': `the HTTP header does not end within ${readLimit} bytes`,
};
