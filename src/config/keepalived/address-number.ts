import type { AddressFamily } from '../endpoint.ts';
import { type Address, readAddress } from './values.ts';

/** Addresses as numbers, for ranges of them. */

export function addressNumber({ family, address }: Address): bigint {
  if (family === 'inet') return ofGroups(address.split('.').map(Number), 8n);
  const dotted = address.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, a, b, c, d) =>
    [Number(a) * 256 + Number(b), Number(c) * 256 + Number(d)].map((n) => n.toString(16)).join(':'),
  );
  const [head = '', tail] = dotted
    .split('::')
    .map((part) => part.split(':').filter((g) => g !== ''));
  const left = head === '' ? [] : head;
  const right = tail ?? [];
  const zeros = Array.from({ length: 8 - left.length - right.length }, () => '0');
  return ofGroups(
    [...left, ...zeros, ...right].map((group) => Number.parseInt(group, 16)),
    16n,
  );
}

/** @returns the canonical text. */
export function addressOfNumber(family: AddressFamily, number: bigint): Address {
  const [count, bits, base] = family === 'inet' ? ([4, 8n, 10] as const) : ([8, 16n, 16] as const);
  const groups = Array.from({ length: count }, (_, at) => {
    const shift = BigInt(count - 1 - at) * bits;
    return ((number >> shift) & ((1n << bits) - 1n)).toString(base);
  });
  const text = groups.join(family === 'inet' ? '.' : ':');
  return readAddress(text) ?? { family, address: text };
}

function ofGroups(groups: readonly number[], bits: bigint): bigint {
  return groups.reduce((sum, group) => (sum << bits) | BigInt(group), 0n);
}
