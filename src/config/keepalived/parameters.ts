import type { Parameters } from './keyword.ts';
import { readAddress, readAddressPort, readBool, readTimer, readWhole } from './values.ts';

/** Nothing behind the keyword. */
export const nothing: Parameters = (words) => (words.length === 0 ? undefined : `no parameter`);

/** Whatever stands there. */
export const anything: Parameters = () => undefined;

/** At least one word. */
export const something: Parameters = (words) => (words.length > 0 ? undefined : 'a parameter');

/** One word and no more. */
export const oneWord: Parameters = (words) => (words.length === 1 ? undefined : 'one word');

/** `on`, `off` and the like, or nothing for `on`. */
export const optionalBool: Parameters = (words) =>
  words.length === 0 || (words.length === 1 && readBool(words[0] ?? '') !== undefined)
    ? undefined
    : 'one of true, on, yes, false, off, no';

/** Seconds with up to six decimals. */
export function timer(min: number, max: number): Parameters {
  return ([word = '', ...more]) => {
    const microseconds = readTimer(word);
    const fits =
      microseconds !== undefined &&
      microseconds >= min * 1_000_000 &&
      microseconds <= max * 1_000_000;
    return fits && more.length === 0 ? undefined : `seconds, ${min}..${max}`;
  };
}

export function whole(min: number, max: number): Parameters {
  return ([word = '', ...more]) =>
    readWhole(word, min, max) !== undefined && more.length === 0
      ? undefined
      : `a whole number ${min}..${max}`;
}

/** The parameters may be left out, all of them. */
export function optional(parameters: Parameters): Parameters {
  return (words) => (words.length === 0 ? undefined : parameters(words));
}

/** One of these words, in this very spelling. */
export function oneOf(...known: readonly string[]): Parameters {
  return ([word = '', ...more]) =>
    known.includes(word) && more.length === 0 ? undefined : `one of ${known.join(', ')}`;
}

/** `TCP` in any case. */
export function anyCase(...known: readonly string[]): Parameters {
  return ([word = '', ...more]) => oneOf(...known)([word.toUpperCase(), ...more]);
}

export const address: Parameters = ([word = '', ...more]) =>
  readAddress(word) !== undefined && more.length === 0 ? undefined : 'an IPv4 or IPv6 address';

export const addressPort: Parameters = (words) =>
  readAddressPort(words) !== undefined && words.length <= 2
    ? undefined
    : 'an IPv4 or IPv6 address, and a port 1..65535';

/** What a virtual_server is about. */
export const virtualTarget: Parameters = (words) => {
  const [first = '', second = '', ...more] = words;
  const isGroup = first === 'group' && second !== '' && more.length === 0;
  const isMark = first === 'fwmark' && whole(0, 0xffff_ffff)([second, ...more]) === undefined;
  if (isGroup || isMark || addressPort(words) === undefined) return undefined;
  return 'IP [PORT], fwmark NUMBER or group NAME';
};

/** NAT, DR or TUN with what a tunnel may have. */
export const forwarding: Parameters = ([word = '', ...options]) => {
  if (word !== 'TUN') return oneOf('NAT', 'DR', 'TUN')([word, ...options]);
  return tunnelOptions(options) === undefined
    ? 'TUN [type ipip|gue|gre] [port NUMBER] [nocsum|csum|remcsum]'
    : undefined;
};

export interface TunnelOptions {
  readonly type: 'ipip' | 'gue' | 'gre';
  /** 0 for none. */
  readonly port: number;
  readonly checksum: 'nocsum' | 'csum' | 'remcsum';
}

/**
 * What follows TUN: gue wants a port and the others have none, ipip has no checksum, gre no remcsum.
 *
 * @returns undefined when it is none of that.
 */
export function tunnelOptions(words: readonly string[]): TunnelOptions | undefined {
  let found: TunnelOptions = { type: 'ipip', port: 0, checksum: 'nocsum' };
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? '';
    if (word === 'nocsum' || word === 'csum' || word === 'remcsum') {
      found = { ...found, checksum: word };
      continue;
    }
    at++;
    const value = words[at] ?? '';
    const port = readWhole(value, 1, 65_535);
    if (word === 'type' && (value === 'ipip' || value === 'gue' || value === 'gre')) {
      found = { ...found, type: value };
    } else if (word === 'port' && port !== undefined) found = { ...found, port };
    else return undefined;
  }
  const { type, port, checksum } = found;
  if ((type === 'gue') !== port > 0) return undefined;
  if (type === 'ipip' && words.some((word) => word.endsWith('csum'))) return undefined;
  return type === 'gre' && checksum === 'remcsum' ? undefined : found;
}

/** An IPv4 mask, not necessarily of one piece, or an IPv6 prefix length. */
export const granularity: Parameters = ([word = '', ...more]) => {
  const isMask = readAddress(word)?.family === 'inet' && word !== '0.0.0.0';
  return (isMask || readWhole(word, 1, 128) !== undefined) && more.length === 0
    ? undefined
    : 'an IPv4 netmask, or an IPv6 prefix length 1..128';
};

/** `200 301-302`. */
export const statusCodes: Parameters = (words) =>
  words.length > 0 && words.every((word) => isStatusRange(word))
    ? undefined
    : 'status codes 100..599 and ranges of them';

function isStatusRange(word: string): boolean {
  const [, from = '', to = from] = /^(\d{3})(?:-(\d{3}))?$/.exec(word) ?? [];
  return from >= '100' && to <= '599' && from <= to && from !== '';
}

/** Hexadecimal digits, two a byte. */
export function hexadecimal(form: RegExp, expected: string): Parameters {
  return (words) => (form.test(words.join('')) && words.length > 0 ? undefined : expected);
}
