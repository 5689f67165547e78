import { messageOf } from '../config/system-error.ts';
import type { CheckOutcome } from './check.ts';

/** What the usual system errors mean, in an operator's words; errno(3) has the names. */
const systemErrors: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset by the server',
  EPIPE: 'connection closed by the server',
  ETIMEDOUT: 'connection timed out',
  EHOSTUNREACH: 'no route to host',
  EHOSTDOWN: 'host is down',
  ENETUNREACH: 'network is unreachable',
  EADDRNOTAVAIL: 'no local address or port left to connect from',
  EMFILE: 'too many open files in this process',
  ENFILE: 'too many open files on this machine',
  EACCES: 'permission denied',
  EPERM: 'not permitted (a local firewall?)',
  ENOENT: 'no such file',
  ENOTFOUND: 'host name not found',
  EAI_AGAIN: 'host name lookup failed for now',
  ERR_MODULE_NOT_FOUND: 'an npm package that this check needs is not installed',
};

/** Errors that are this machine's own, whatever the server is like. */
const localTroubles: ReadonlySet<string> = new Set([
  'EMFILE',
  'ENFILE',
  'ENOMEM',
  'ENOBUFS',
  'EAGAIN',
  'EADDRNOTAVAIL',
  'ERR_MODULE_NOT_FOUND',
]);

const longestReason = 200;

/** Something on this machine keeps a check from being made; says nothing about the server. */
export class LocalTrouble extends Error {
  override readonly name = 'LocalTrouble';
}

/** Down for this error, or no verdict when the trouble is ours. */
export function outcomeOfError(error: unknown): CheckOutcome {
  const outcome = { up: false, reason: describeError(error) };
  return isLocalTrouble(error) ? { ...outcome, inconclusive: true } : outcome;
}

/** Whether an error says nothing about the server that was asked. */
export function isLocalTrouble(error: unknown): boolean {
  return error instanceof LocalTrouble || localTroubles.has(errorCode(error) ?? '');
}

/**
 * One line that says why a check failed.
 *
 * @returns `connection refused`, or the error's own message when its code is not a usual one.
 */
export function describeError(error: unknown): string {
  const code = errorCode(error);
  const known = code === undefined ? undefined : systemErrors[code];
  if (known !== undefined) return known;
  return oneLine(messageOf(error)) || 'failed without a word';
}

/** The `code` that Node's errors carry, if there is one. */
export function errorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** Text of a server made fit for a log line: no control characters, not too long. */
export function oneLine(text: string): string {
  const plain = text.replace(/[\p{Cc}\s]+/gu, ' ').trim();
  return plain.length > longestReason ? `${plain.slice(0, longestReason)}...` : plain;
}
