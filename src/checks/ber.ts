/** One element of the Basic Encoding Rules (X.690), as far as LDAP uses them (RFC 4511, 5.1). */
export interface BerElement {
  readonly tag: number;
  readonly content: Buffer;
}

/** The bytes are not what they should be. */
export class NotBerError extends Error {}

/**
 * The elements that stand one after the other in these bytes and fill them.
 *
 * @throws NotBerError when they do not.
 */
export function berElements(bytes: Buffer): readonly BerElement[] {
  const found: BerElement[] = [];
  for (let at = 0; at < bytes.length; ) {
    const tag = bytes.readUInt8(at);
    const end = berEnd(bytes, at);
    // Tags of more than a byte (8.1.2.4) do not occur.
    if ((tag & 0x1f) === 0x1f || end === undefined || end > bytes.length) throw new NotBerError();
    found.push({ tag, content: bytes.subarray(end - contentLength(bytes, at), end) });
    at = end;
  }
  return found;
}

/**
 * Where the element ends that begins `at`, there or beyond the bytes.
 *
 * @returns undefined when not even its length is there.
 * @throws NotBerError when its length is none.
 */
export function berEnd(bytes: Buffer, at: number): number | undefined {
  const first = bytes[at + 1];
  if (first === undefined) return undefined;
  const more = lengthBytes(first);
  if (bytes.length < at + 2 + more) return undefined;
  return at + 2 + more + contentLength(bytes, at);
}

/** 8.1.3: one byte up to 127, else the number of bytes that the length takes. */
function contentLength(bytes: Buffer, at: number): number {
  const first = bytes.readUInt8(at + 1);
  const more = lengthBytes(first);
  return more === 0 ? first : bytes.readUIntBE(at + 2, more);
}

/** The indefinite form is not allowed (RFC 4511, 5.1), and no message needs more than four. */
function lengthBytes(first: number): number {
  if (first < 0x80) return 0;
  const more = first & 0x7f;
  if (more === 0 || more > 4) throw new NotBerError();
  return more;
}
