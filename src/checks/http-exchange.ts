import { type IncomingMessage, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import type { Hop } from './http-hop.ts';
import { describeError, errorCode, isLocalTrouble, oneLine } from './reason.ts';
import { tcpOptions } from './tcp-options.ts';
import { connectTls, type TlsWish, tlsFault } from './tls-connection.ts';

export interface Question {
  readonly hop: Hop;
  readonly method: 'GET' | 'HEAD';
  readonly userAgent: string;
  readonly tls: TlsWish;
  /** Own address to go out from. */
  readonly from: string | undefined;
  readonly signal: AbortSignal;
}

/** Why no answer came, as one line. */
export class ExchangeError extends Error {
  override readonly name = 'ExchangeError';
}

/** What a body that nobody wants may still cost, so that its connection ends in good order. */
const drainLimit = { bytes: 256 * 1024, ms: 1000 };

/**
 * Sends one HTTP/1.1 request over a connection of its own.
 *
 * @returns the answer once its headers are there; its body is still to be read or discarded.
 * @throws ExchangeError when the connection or the answer fails; the error itself when the trouble
 *   is this machine's.
 */
export function exchange(question: Question): Promise<IncomingMessage> {
  const { hop, method, userAgent, signal } = question;
  const socket = open(question);
  return new Promise((resolve, reject) => {
    const asked = request({
      method,
      path: hop.requestTarget,
      headers: { Host: hop.hostHeader, 'User-Agent': userAgent, Connection: 'close' },
      // Without an agent: nothing to keep alive, nothing to look up, half the work.
      createConnection: () => socket,
      // Whether the server is well is the question here, not whether it follows RFC 9112 closely.
      insecureHTTPParser: true,
      signal,
    });
    asked.once('response', resolve);
    asked.on('error', (error) => {
      reject(isLocalTrouble(error) ? error : new ExchangeError(describe(error, socket)));
    });
    asked.end();
  });
}

/** Up to `limit` bytes of the body. */
export interface Body {
  readonly bytes: Buffer;
  /** Why it is not the whole body. */
  readonly cut?: 'limit' | 'ended early';
}

/** Reads a body; more than `limit` bytes are not waited for. */
export function readBody(answer: IncomingMessage, limit: number): Promise<Body> {
  const chunks: Buffer[] = [];
  let length = 0;
  return new Promise((resolve) => {
    const finish = (cut?: Body['cut']): void => {
      const bytes = Buffer.concat(chunks).subarray(0, limit);
      resolve(cut === undefined ? { bytes } : { bytes, cut });
    };
    answer.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      length += chunk.length;
      if (length <= limit) return;
      finish('limit');
      answer.destroy();
    });
    answer.once('end', () => finish());
    answer.on('error', () => finish('ended early'));
  });
}

/**
 * Lets go of a body that nobody wants: small ones are read to their end in the background, so that
 * the connection closes with FIN; larger ones are cut off.
 */
export function discard(answer: IncomingMessage): void {
  const timer = setTimeout(() => answer.destroy(), drainLimit.ms);
  let drained = 0;
  answer.on('error', () => {});
  answer.on('data', (chunk: Buffer) => {
    drained += chunk.length;
    if (drained > drainLimit.bytes) answer.destroy();
  });
  answer.once('close', () => clearTimeout(timer));
}

function open({ hop, from, tls }: Question): Socket {
  const to = tcpOptions({ address: hop.host, port: hop.port, from });
  if (!hop.tls) return connect(to);
  // a redirect that names a host asks for that name
  const sni = hop.serverName === '' ? tls.settings.sni : hop.serverName;
  return connectTls(to, { ...tls, settings: { ...tls.settings, sni } });
}

function describe(error: Error, socket: Socket): string {
  const fault = tlsFault(error, socket);
  if (fault !== undefined) return fault;
  if (error.message === 'socket hang up') return 'connection closed without an answer';
  if (errorCode(error)?.startsWith('HPE_')) return `not an HTTP answer: ${oneLine(error.message)}`;
  return describeError(error);
}
