/** Most servers that one line may stand for. */
export const maxRange = 65_536;

/**
 * All IPv4 addresses from the first to the last, both included, compared as numbers.
 *
 * @returns 'reversed' when the last comes before the first, 'too-long' beyond `maxRange`.
 */
export function addressRange(
  first: string,
  last: string,
): readonly string[] | 'reversed' | 'too-long' {
  const start = toNumber(first);
  const end = toNumber(last);
  if (end < start) return 'reversed';
  if (end - start >= maxRange) return 'too-long';
  return Array.from({ length: end - start + 1 }, (_, index) => toAddress(start + index));
}

function toNumber(address: string): number {
  return address.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0);
}

function toAddress(value: number): string {
  return [24, 16, 8, 0].map((shift) => (value >>> shift) & 255).join('.');
}
