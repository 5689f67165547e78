import { isIPv4, isIPv6, SocketAddress } from 'node:net';
import type { AddressFamily } from '../endpoint.ts';

/** How keepalived reads the parameters of its keywords. */

export interface Address {
  readonly family: AddressFamily;
  /** Canonical, without brackets. */
  readonly address: string;
}

/** An address with the port as it is written; 0 where none is, or only zeros. */
export interface AddressPort extends Address {
  readonly port: number;
}

/** `yes`, `on`, `true` and their opposites, in lower case only. */
export function readBool(text: string): boolean | undefined {
  if (/^(true|on|yes)$/.test(text)) return true;
  return /^(false|off|no)$/.test(text) ? false : undefined;
}

/**
 * A time in seconds with up to six decimals.
 *
 * @returns microseconds, rounded; undefined when it is none.
 */
export function readTimer(text: string): number | undefined {
  return /^(\d+\.?\d*|\.\d+)$/.test(text) ? Math.round(Number(text) * 1_000_000) : undefined;
}

/** Digits alone, between the bounds. */
export function readWhole(text: string, min: number, max: number): number | undefined {
  if (!/^-?\d+$/.test(text)) return undefined;
  const number = Number(text);
  return number >= min && number <= max ? number : undefined;
}

/** Literal addresses only, as keepalived has it; an IPv6 one also in brackets. */
export function readAddress(text: string): Address | undefined {
  if (isIPv4(text)) return { family: 'inet', address: text };
  const bare = text.replace(/^\[(.*)\]$/, '$1');
  if (!isIPv6(bare) || bare.includes('%')) return undefined;
  const { address } = new SocketAddress({ family: 'ipv6', address: bare });
  return { family: 'inet6', address };
}

/** `IP [PORT]`; undefined when the address or the port is none. */
export function readAddressPort(words: readonly string[]): AddressPort | undefined {
  const [host = '', word = '0'] = words;
  const address = readAddress(host);
  const port = readWhole(word, 0, 65_535);
  return address && port !== undefined ? { ...address, port } : undefined;
}

/** Microseconds as seconds: `5`, `0.25`. */
export function secondsText(microseconds: number): string {
  return String(microseconds / 1_000_000);
}
