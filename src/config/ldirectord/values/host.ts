import { isIPv4, isIPv6, SocketAddress } from 'node:net';
import type { AddressFamily } from '../../endpoint.ts';
import type { Stretch, ValueReport } from '../report.ts';

/** A literal address in canonical text, or a name that is still to be looked up. */
export type Host =
  | { readonly kind: 'address'; readonly family: AddressFamily; readonly address: string }
  | { readonly kind: 'name'; readonly family: AddressFamily; readonly name: string };

export type Port =
  | { readonly kind: 'number'; readonly port: number }
  | { readonly kind: 'name'; readonly name: string };

/** A part of a value with the place it stands at. */
export interface Located<T> {
  readonly value: T;
  readonly at: Stretch;
}

export interface HostPort {
  readonly host: Located<Host>;
  readonly port?: Located<Port>;
}

/**
 * Reads `HOST[:PORT]`: dotted quad, name, or IPv6 address in brackets.
 *
 * @param start - where `text` begins in the value, for the report.
 * @param spelling - family that the directive's name stands for (`real6`: inet6); a name is looked
 *   up in it, a literal of the other family is accepted with a warning.
 */
export function readHostPort(
  text: string,
  start: number,
  spelling: AddressFamily,
  report: ValueReport,
): HostPort | undefined {
  const all = { start, end: start + text.length };
  if (isIPv6(text)) {
    report.error('address', `IPv6 address needs brackets: write ${inBrackets(text)}`, all);
    return undefined;
  }
  const [, hostText = '', colon = '', portText = ''] =
    /^(\[[^\]]*\]|[^:]*)(:?)(.*)$/s.exec(text) ?? [];
  const host = readHost(hostText, start, spelling, report);
  if (host === undefined) return undefined;
  if (colon === '' && portText === '') return { host };
  const portStart = start + hostText.length + colon.length;
  if (colon === '') {
    const at = { start: portStart, end: all.end };
    report.error('address', `expected ":" and a port after "${hostText}", got "${portText}"`, at);
    return undefined;
  }
  const port = readPort(portText, portStart, report);
  return port && { host, port };
}

/** Reads a host alone; see readHostPort. */
export function readHost(
  text: string,
  start: number,
  spelling: AddressFamily,
  report: ValueReport,
): Located<Host> | undefined {
  const at = { start, end: start + text.length };
  const value = hostOf(text, spelling);
  if (typeof value === 'string') {
    report.error('address', value, at);
    return undefined;
  }
  if (value.family !== spelling) {
    const word = value.family === 'inet6' ? 'IPv6' : 'IPv4';
    report.assume('spelling', `"${text}" read as ${word} address in spite of the name`, at);
  }
  return { value, at };
}

/** The family's name for messages. */
export function familyWord(family: AddressFamily): string {
  return family === 'inet' ? 'IPv4' : 'IPv6';
}

/** `fd00::1:80` is an address too, but whoever wrote it without brackets may have meant a port. */
function inBrackets(text: string): string {
  const [, host = '', port = ''] = /^(.*):(\d+)$/.exec(text) ?? [];
  const whole = `"[${text}]"`;
  return isIPv6(host) ? `"[${host}]:${port}" for port ${port}, ${whole} for that address` : whole;
}

function hostOf(text: string, spelling: AddressFamily): Host | string {
  if (text === '') return 'expected an address or a name, got nothing';
  if (text.startsWith('[')) {
    const inner = text.slice(1, -1);
    if (!isIPv6(inner) || inner.includes('%')) {
      return `expected an IPv6 address in the brackets, got "${inner}"`;
    }
    return { kind: 'address', family: 'inet6', address: canonicalIpv6(inner) };
  }
  if (isIPv4(text)) return { kind: 'address', family: 'inet', address: text };
  // What looks like a number would go through the C library's shorthand: 10.9 is 10.0.0.9 there.
  if (/^[\d.]+$/.test(text)) {
    return `expected four numbers 0..255 with dots between them, got "${text}"`;
  }
  if (!/^[\w.+-]+$/.test(text)) return `expected an address or a name, got "${text}"`;
  return { kind: 'name', family: spelling, name: text };
}

function canonicalIpv6(address: string): string {
  return new SocketAddress({ address, family: 'ipv6' }).address;
}

function readPort(text: string, start: number, report: ValueReport): Located<Port> | undefined {
  const at = { start, end: start + Math.max(1, text.length) };
  if (/^\d+$/.test(text) && Number(text) <= 65535) {
    return { value: { kind: 'number', port: Number(text) }, at };
  }
  if (/^[A-Za-z\d][\w+.-]*$/.test(text) && /[A-Za-z]/.test(text)) {
    return { value: { kind: 'name', name: text }, at };
  }
  const got = text === '' ? 'got nothing' : `got "${text}"`;
  report.error('port', `expected a port 0..65535 or a service name after ":", ${got}`, at);
  return undefined;
}
