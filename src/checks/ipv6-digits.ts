/**
 * The 32 hexadecimal digits of an IPv6 address.
 *
 * @throws Error when it is none.
 */
export function ipv6Digits(address: string): string {
  // The URL parser writes a dotted quad at the end in hexadecimal too; it knows no zones.
  const { hostname } = new URL(`http://[${address.replace(/%.*/, '')}]`);
  const [head = '', tail] = hostname.slice(1, -1).split('::');
  const front = groups(head);
  const back = groups(tail ?? '');
  const zeros = Array.from({ length: 8 - front.length - back.length }, () => '0000');
  return [...front, ...(tail === undefined ? [] : zeros), ...back].join('');
}

function groups(text: string): readonly string[] {
  return text === '' ? [] : text.split(':').map((group) => group.padStart(4, '0'));
}
