import { findContentLength } from './content-length.ts';

/** What keepalived has room for: the header must end within it, and no read brings more. */
export const readLimit = 4095;

/** Reads of a body where it does not matter how it comes in pieces. */
export const bodyReadLimit = 65_536;

const headerEnd = Buffer.from('\r\n\r\n', 'latin1');

/** Takes an answer as it comes. */
export interface AnswerSink {
  /** A read that came before the header was whole, the one that completes it included. */
  headerRead?(): void;
  /** The header with its empty line, once. `bodyFollows`: the same read brings part of the body. */
  header?(bytes: Buffer, bodyFollows: boolean): void;
  /** Part of the body that counts; one call a read. To be copied by who keeps it. */
  body(bytes: Buffer): void;
  /** Resolves, and never rejects, when it can take more; undefined: at once. */
  room?(): Promise<void> | undefined;
}

export interface AnswerReader {
  /** Bytes that the next read may bring at most. */
  room(): number;
  /** Takes what a read brought. */
  push(bytes: Buffer): void;
  readonly state: 'header' | 'header-too-long' | 'body' | 'complete';
  readonly head: AnswerHead | undefined;
  /** Bytes of the body that count so far. */
  readonly bodyLength: number;
}

export interface AnswerHead {
  /** What the status line says; 0 where keepalived reads none: without a blank after the digits. */
  readonly status: number;
  /** The first line, each byte a character. */
  readonly statusLine: string;
  readonly contentLength: number | undefined;
}

/**
 * Tells header and body of an answer apart as keepalived does, read by read: the header ends with
 * an empty line of CR LF within 4095 bytes, the body is what follows, as sent, up to the content length.
 *
 * @param exact reads are of keepalived's size, which makes a difference in the verbose output.
 */
export function createAnswerReader(sink: AnswerSink, exact: boolean): AnswerReader {
  let state: AnswerReader['state'] = 'header';
  let head: AnswerHead | undefined;
  let headerBytes = Buffer.alloc(0);
  let bodyLength = 0;
  const takeHeader = (bytes: Buffer): void => {
    headerBytes = Buffer.concat([headerBytes, bytes]);
    sink.headerRead?.();
    const end = headerBytes.indexOf(headerEnd);
    if (end < 0) {
      if (headerBytes.length >= readLimit) state = 'header-too-long';
      return;
    }
    const header = headerBytes.subarray(0, end + headerEnd.length);
    const rest = headerBytes.subarray(header.length);
    const contentLength = findContentLength(headerBytes);
    head = { ...readStatusLine(header), contentLength };
    state = 'body';
    sink.header?.(header, Math.min(rest.length, contentLength ?? rest.length) > 0);
    takeBody(rest, contentLength);
  };
  const takeBody = (bytes: Buffer, contentLength = Number.POSITIVE_INFINITY): void => {
    const counted = bytes.subarray(0, contentLength - bodyLength);
    bodyLength += counted.length;
    if (bodyLength >= contentLength) state = 'complete';
    if (counted.length > 0) sink.body(counted);
  };
  return {
    get state() {
      return state;
    },
    get head() {
      return head;
    },
    get bodyLength() {
      return bodyLength;
    },
    room: () => {
      if (state === 'header') return readLimit - headerBytes.length;
      return exact ? readLimit : bodyReadLimit;
    },
    push: (bytes) => {
      if (state === 'header') takeHeader(bytes);
      else if (state === 'body') takeBody(bytes, head?.contentLength);
    },
  };
}

function readStatusLine(header: Buffer): Pick<AnswerHead, 'status' | 'statusLine'> {
  const [statusLine = ''] = header.toString('latin1').split('\r\n', 1);
  const [, digits = '0'] = /^[^ ]* (\d{3}) /.exec(statusLine) ?? [];
  return { status: Number(digits), statusLine };
}
