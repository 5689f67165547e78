import { isIPv4, isIPv6, SocketAddress } from 'node:net';
import { AttributeError } from './attribute.ts';
import type { AddressFamily } from './model.ts';

/** AF_INET and AF_INET6 of Linux, the same on every architecture. */
const FAMILY_NUMBERS = { inet: 2, inet6: 10 } as const;

export function familyToNumber(family: AddressFamily): number {
  return FAMILY_NUMBERS[family];
}

/** @throws AttributeError for families that IPVS does not have. */
export function familyFromNumber(number: number): AddressFamily {
  if (number === FAMILY_NUMBERS.inet) return 'inet';
  if (number === FAMILY_NUMBERS.inet6) return 'inet6';
  throw new AttributeError(`expected address family 2 or 10, got ${number}`);
}

/**
 * The bytes of an address in network order: 4 for inet, 16 for inet6.
 *
 * @throws AttributeError when the text is not an address of the family (zones are not).
 */
export function addressToBytes(family: AddressFamily, address: string): Buffer {
  if (family === 'inet6') return ipv6ToBytes(address);
  const bytes = Buffer.alloc(4);
  writeIpv4(address, bytes);
  return bytes;
}

/** Dotted quad, or RFC 5952 exactly as net.SocketAddress prints it. Bytes past the address are ignored. */
export function addressFromBytes(family: AddressFamily, bytes: Buffer): string {
  if (family === 'inet') return bytes.subarray(0, 4).join('.');
  const groups = [0, 2, 4, 6, 8, 10, 12, 14].map((at) => bytes.readUInt16BE(at).toString(16));
  return new SocketAddress({ family: 'ipv6', address: groups.join(':') }).address;
}

/** union nf_inet_addr: 16 bytes, of which an IPv4 address takes the first four. */
export function toInetAddress(family: AddressFamily, address: string): Buffer {
  if (family === 'inet6') return ipv6ToBytes(address);
  const bytes = Buffer.alloc(16);
  writeIpv4(address, bytes);
  return bytes;
}

function writeIpv4(address: string, bytes: Buffer): void {
  if (!isIPv4(address)) throw new AttributeError(`expected an IPv4 address, got "${address}"`);
  let at = 0;
  for (const part of address.split('.')) bytes[at++] = Number(part);
}

function ipv6ToBytes(address: string): Buffer {
  if (!isIPv6(address) || address.includes('%')) {
    throw new AttributeError(`expected an IPv6 address without zone, got "${address}"`);
  }
  const [head = '', tail] = address.split('::');
  const left = groupsToBytes(head);
  const right = groupsToBytes(tail ?? '');
  const bytes = Buffer.alloc(16);
  bytes.set(left, 0);
  bytes.set(right, 16 - right.length);
  return bytes;
}

/** One side of "::": hexadecimal groups, the last of which may be a dotted quad (RFC 4291 2.2). */
function groupsToBytes(text: string): readonly number[] {
  if (text === '') return [];
  return text.split(':').flatMap((group) => {
    if (group.includes('.')) return group.split('.').map(Number);
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 0xff];
  });
}
