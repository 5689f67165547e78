export type Encoding = 'utf8' | 'latin1';

/**
 * Bytes to text in a way that `encode` can undo for any bytes: UTF-8 if they are that, else
 * Latin-1, where every byte is a character. A byte order mark stays in the text.
 */
export function decode(bytes: Uint8Array): { readonly text: string; readonly encoding: Encoding } {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    return { text, encoding: 'utf8' };
  } catch {
    return { text: Buffer.from(bytes).toString('latin1'), encoding: 'latin1' };
  }
}

/** The bytes that `decode` made the text of. */
export function encode(text: string, encoding: Encoding): Uint8Array {
  return Buffer.from(text, encoding);
}
