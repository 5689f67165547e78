const name = 'Content-Length:';

/** What strtoul(3) takes for a number: blanks of any kind before it, perhaps a sign, digits. */
const number = /^[\t-\r ]*([+-]?)(\d+)/;

const longest = 2n ** 64n - 1n;

/**
 * The length of the body as keepalived finds it, since digests in people's files depend on it: the
 * number after the first `Content-Length:` in this spelling, anywhere before the first NUL, be it
 * in the name of another header or in the body. An empty value is 0, or the number that the next
 * lines begin with; a value with anything but a line end after it does not count, nor is another one looked for.
 *
 * @param bytes all that had come when the header was whole.
 * @returns undefined when there is none, or none that a body could have.
 */
export function findContentLength(bytes: Buffer): number | undefined {
  const text = bytes.toString('latin1').split('\0', 1)[0] ?? '';
  const at = text.indexOf(name);
  if (at < 0) return undefined;
  const rest = text.slice(at + name.length);
  const [whole = '', sign, digits = '0'] = number.exec(rest) ?? [];
  const next = rest[whole.length];
  if (next !== undefined && next !== '\r' && next !== '\n') return undefined;
  const value = BigInt(digits);
  if (value > longest) return undefined;
  const length = sign === '-' ? BigInt.asUintN(64, -value) : value;
  return length <= Number.MAX_SAFE_INTEGER ? Number(length) : undefined;
}
