/**
 * Makes a word of the configuration ready to stand in a line of a protocol: its UTF-8 bytes, each
 * one character, as `Dialogue` sends them.
 *
 * @param name of the directive, for the message.
 * @throws Error when it holds a line break or NUL: a line break would begin a command of its own.
 */
export function lineText(name: string, value: string): string {
  if (/[\r\n\0]/.test(value)) {
    throw new Error(`${name}: expected one line, got a line break or NUL in it`);
  }
  return Buffer.from(value, 'utf8').toString('latin1');
}
