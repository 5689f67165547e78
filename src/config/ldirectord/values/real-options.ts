import type { ForwardMethod, TunnelEnvelope } from '../../model.ts';
import type { Stretch, ValueReport } from '../report.ts';
import { isPattern } from './text.ts';
import { readTunnel } from './tunnel-word.ts';

/** What may follow the forwarding method of a real server. */
export interface RealOptions {
  readonly weight: number;
  /** Instead of the section's request and receive; both or neither. */
  readonly request?: string;
  readonly receive?: string;
  /** Connections at which the kernel starts again (lower) and stops (upper) sending; 0: none. */
  readonly lower: number;
  readonly upper: number;
  /** Instead of plain IP in IP. */
  readonly tunnel?: TunnelEnvelope;
}

/** Largest weight that ipvsadm and the kernel's schedulers reckon with. */
export const maxWeight = 65_535;

const maxThreshold = 0xffff_ffff;

/**
 * Reads `[WEIGHT] ["REQUEST", "RECEIVE"] [l:N] [u:N] [tun:...]`, in any order.
 *
 * @param start - where `text` begins in the value, for the report.
 */
export function readRealOptions(
  text: string,
  start: number,
  forward: ForwardMethod,
  report: ValueReport,
): RealOptions | undefined {
  const strings = /^([^"]*)"(.*)"[,\s]+"(.*)"([^"]*)$/s.exec(text);
  if (strings === null && text.includes('"')) {
    const at = { start: start + text.indexOf('"'), end: start + text.length };
    report.error('value', 'expected "REQUEST", "RECEIVE", both in double quotes', at);
    return undefined;
  }
  if (strings === null) return readWords([{ text, start }], forward, report);
  const [, before = '', request = '', receive = '', after = ''] = strings;
  const words = readWords(
    [
      { text: before, start },
      { text: after, start: start + text.length - after.length },
    ],
    forward,
    report,
  );
  if (!isPattern(receive, report) || words === undefined) return undefined;
  warnStolenWeight(before, request, receive, report);
  return { ...words, request, receive };
}

/** What a line can have wrong before the rest of it is left unread. */
const mostWrongWords = 8;

interface Piece {
  readonly text: string;
  readonly start: number;
}

function readWords(
  pieces: readonly Piece[],
  forward: ForwardMethod,
  report: ValueReport,
): RealOptions | undefined {
  const found = new Map<string, number>();
  const tunnels: TunnelEnvelope[] = [];
  let wrong = 0;
  for (const { text, start } of pieces) {
    for (const match of text.matchAll(/(?:-w|--weight|weight)\s+\S+|[^\s,]+/g)) {
      const at = { start: start + match.index, end: start + match.index + match[0].length };
      const isRight = match[0].startsWith('tun:')
        ? readOneTunnel(match[0], at, forward, tunnels, report)
        : readWord(match[0], at, found, report);
      if (!isRight) wrong++;
      if (wrong === mostWrongWords) return undefined;
    }
  }
  if (wrong > 0) return undefined;
  const upper = found.get('u') ?? 0;
  const lower = usableLower(found.get('l') ?? 0, upper, report);
  const [tunnel] = tunnels;
  return {
    weight: found.get('weight') ?? 1,
    lower,
    upper,
    ...(tunnel !== undefined && { tunnel }),
  };
}

/** The kernel answers ERANGE to a lower threshold above the upper one; ldirectord goes on without the server. */
function usableLower(lower: number, upper: number, report: ValueReport): number {
  if (lower <= upper) return lower;
  const what = upper === 0 ? 'an upper threshold "u:N" to go with it' : `at most u:${upper}`;
  report.warn('threshold', `lower threshold: expected ${what}, got "l:${lower}", which is ignored`);
  return 0;
}

function readOneTunnel(
  word: string,
  at: Stretch,
  forward: ForwardMethod,
  found: TunnelEnvelope[],
  report: ValueReport,
): boolean {
  if (found.length > 0) {
    report.error('value', `expected one tunnel only, got "${word}"`, at);
    return false;
  }
  const tunnel = readTunnel(word, forward, at, report);
  if (tunnel !== undefined) found.push(tunnel);
  return tunnel !== undefined;
}

function readWord(
  word: string,
  at: Stretch,
  found: Map<string, number>,
  report: ValueReport,
): boolean {
  const [, flag, digits] = /^(l:|u:|(?:-w|--weight|weight)\s+)?(\d+)$/.exec(word) ?? [];
  if (digits === undefined) {
    report.error('value', `expected a weight, "l:N" or "u:N", got "${word}"`, at);
    return false;
  }
  const key = flag === 'l:' || flag === 'u:' ? flag.charAt(0) : 'weight';
  const max = key === 'weight' ? maxWeight : maxThreshold;
  const what = key === 'weight' ? 'weight' : 'threshold';
  if (found.has(key)) {
    report.error('value', `expected one ${what} only, got "${word}" as well`, at);
    return false;
  }
  if (Number(digits) > max) {
    report.error('value', `expected a ${what} 0..${max}, got "${digits}"`, at);
    return false;
  }
  if (key === 'weight' && flag !== undefined) {
    report.warn('weight', `"${word}" read as weight ${Number(digits)}`, at);
  }
  found.set(key, Number(digits));
  return true;
}

/** ldirectord searches the whole line for a blank and digits, texts included. */
function warnStolenWeight(
  before: string,
  request: string,
  receive: string,
  report: ValueReport,
): void {
  const [, stolen] = /\s(\d+)/.exec(`${request}" "${receive}`) ?? [];
  if (stolen === undefined || /\s\d/.test(before)) return;
  report.warn(
    'weight',
    `ldirectord reads weight ${stolen} out of the quoted text; to be clear give the weight before it`,
  );
}
