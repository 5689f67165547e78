import type { AddressFamily } from '../endpoint.ts';
import { addressNumber, addressOfNumber } from './address-number.ts';
import type { Findings, Place } from './finding.ts';
import type { Statement } from './tree.ts';
import {
  type Address,
  type AddressPort,
  readAddress,
  readAddressPort,
  readWhole,
} from './values.ts';

/** What clients are caught by: an address with a port (0: any), or a firewall mark. */
export type Target =
  | AddressPort
  | { readonly fwmark: number; readonly family: AddressFamily | undefined };

/** A target of a group, and where it stands. */
export interface Member extends Place {
  readonly target: Target;
  /** The entry as it is written. */
  readonly text: string;
}

/** A longer range is a slip: each address becomes a service of its own. */
const maxRange = 65_536n;

/** The entries of a virtual_server_group, ranges written out. */
export function groupMembers(entries: readonly Statement[], findings: Findings): readonly Member[] {
  return entries.flatMap((entry) => {
    const { file, line } = entry;
    const words = [entry.keyword, ...entry.words];
    const text = words.join(' ');
    const targets = readEntry(words);
    if (targets === undefined) {
      const expected = 'IP [PORT], IP-END [PORT], IP/MASK [PORT] or fwmark NUMBER [inet|inet6]';
      findings.add('error', entry, 'virtual_server_group', `expected ${expected}, got "${text}"`);
      return [];
    }
    return targets.map((target) => ({ target, text, file, line }));
  });
}

function readEntry(words: readonly string[]): readonly Target[] | undefined {
  const [first = '', second = '', third] = words;
  if (first === 'fwmark') {
    const fwmark = readWhole(second, 0, 0xffff_ffff);
    const family = third === undefined || third === 'inet' || third === 'inet6' ? third : null;
    return fwmark === undefined || family === null ? undefined : [{ fwmark, family }];
  }
  const [, start = first, sign = '', end = ''] = /^(.*?)([-/])(.*)$/s.exec(first) ?? [];
  const one = readAddressPort([start, ...words.slice(1, 2)]);
  if (one === undefined || words.length > 2) return undefined;
  if (sign === '') return [one];
  const range = sign === '-' ? rangeTo(one, end) : network(one, end);
  if (range === undefined) return undefined;
  const [from, to] = range;
  if (to <= from || to - from >= maxRange) return undefined;
  return Array.from({ length: Number(to - from) + 1 }, (_, at) => ({
    ...addressOfNumber(one.family, from + BigInt(at)),
    port: one.port,
  }));
}

/** The end is an address, or the last octet in decimal, or the last group in hexadecimal. */
function rangeTo(start: Address, end: string): readonly [bigint, bigint] | undefined {
  const from = addressNumber(start);
  const last = readAddress(end);
  if (last !== undefined) {
    return last.family === start.family ? [from, addressNumber(last)] : undefined;
  }
  const isInet = start.family === 'inet';
  const form = isInet ? /^\d{1,3}$/ : /^[\da-f]{1,4}$/i;
  const part = BigInt(form.test(end) ? Number.parseInt(end, isInet ? 10 : 16) : -1);
  const size = isInet ? 256n : 65_536n;
  return part < 0n || part >= size ? undefined : [from, from - (from % size) + part];
}

function network(start: Address, mask: string): readonly [bigint, bigint] | undefined {
  const bits = start.family === 'inet' ? 32 : 128;
  const length = readWhole(mask, 0, bits);
  if (length === undefined) return undefined;
  const size = 1n << BigInt(bits - length);
  const from = addressNumber(start);
  return from % size === 0n ? [from, from + size - 1n] : undefined;
}
