import type { AddressFamily, DestinationId, ServiceId } from '../ipvs-netlink/model.ts';

/** How the 32-bit words that make up an identity are compared. */
export interface TableOrder {
  readonly compareWords: (a: number, b: number) => number;
  /** Whether destinations of different families are kept apart. */
  readonly splitsFamilies: boolean;
}

/** As people count. */
export const byValue: TableOrder = { compareWords: (a, b) => a - b, splitsFamilies: true };

/**
 * As the lists of ipvsadm 1.31 are sorted: its library subtracts in 32 bits and takes the result
 * as signed, so that of two words more than 2^31 apart the greater one comes first (192.168.0.1
 * before 10.0.0.1), and it knows no family of a destination. Where that rule goes in circles, its
 * order follows the kernel's hash and cannot be told from the table.
 */
export const asIpvsadm: TableOrder = {
  compareWords: (a, b) => (a - b) | 0,
  splitsFamilies: false,
};

const PROTOCOL_NUMBERS = { tcp: 6, udp: 17, sctp: 132 } as const;

/**
 * Services sorted by mark (services without one first), family, protocol, address and port.
 *
 * @returns a new array.
 */
export function sortServices<T extends { readonly id: ServiceId }>(
  services: readonly T[],
  { compareWords }: TableOrder = byValue,
): readonly T[] {
  return sortBy(services, ({ id }) => serviceWords(id), compareWords);
}

/**
 * Destinations sorted by family, address and port.
 *
 * @returns a new array.
 */
export function sortDestinations<T extends { readonly id: DestinationId }>(
  destinations: readonly T[],
  { compareWords, splitsFamilies }: TableOrder = byValue,
): readonly T[] {
  return sortBy(
    destinations,
    ({ id }) => [...(splitsFamilies ? [familyNumber(id.family)] : []), ...endpointWords(id)],
    compareWords,
  );
}

function sortBy<T>(
  items: readonly T[],
  wordsOf: (item: T) => readonly number[],
  compareWords: TableOrder['compareWords'],
): readonly T[] {
  return items
    .map((item) => ({ item, words: wordsOf(item) }))
    .sort((a, b) => compareAll(a.words, b.words, compareWords))
    .map(({ item }) => item);
}

function compareAll(
  a: readonly number[],
  b: readonly number[],
  compare: TableOrder['compareWords'],
): number {
  for (const [index, word] of a.entries()) {
    const order = compare(word, b[index] ?? 0);
    if (order !== 0) return order;
  }
  return 0;
}

function serviceWords(id: ServiceId): readonly number[] {
  if ('fwmark' in id) return [id.fwmark, familyNumber(id.family)];
  return [0, familyNumber(id.family), PROTOCOL_NUMBERS[id.protocol], ...endpointWords(id)];
}

function endpointWords({ family, address, port }: DestinationId): readonly number[] {
  return [...addressWords(family, address), port];
}

/** AF_INET and AF_INET6 of Linux. */
function familyNumber(family: AddressFamily): number {
  return family === 'inet' ? 2 : 10;
}

/** The address as in the kernel's union nf_inet_addr: four unsigned words, of inet the first. */
function addressWords(family: AddressFamily, address: string): readonly number[] {
  if (family === 'inet') return [quadWord(address), 0, 0, 0];
  const [head = '', tail] = address.split('::');
  const left = groups(head);
  const right = tail === undefined ? [] : groups(tail);
  const zeros = Array.from({ length: 8 - left.length - right.length }, () => 0);
  const all = [...left, ...zeros, ...right];
  return [0, 2, 4, 6].map((at) => (all[at] ?? 0) * 0x1_0000 + (all[at + 1] ?? 0));
}

function groups(text: string): readonly number[] {
  if (text === '') return [];
  return text.split(':').flatMap((group) => {
    if (!group.includes('.')) return [Number.parseInt(group, 16)];
    const word = quadWord(group);
    return [Math.floor(word / 0x1_0000), word % 0x1_0000];
  });
}

function quadWord(quad: string): number {
  return quad.split('.').reduce((word, byte) => word * 256 + Number(byte), 0);
}
