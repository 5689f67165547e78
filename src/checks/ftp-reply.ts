import type { Dialogue } from './dialogue.ts';
import { oneLine } from './reason.ts';

export interface FtpReply {
  readonly code: number;
  /** Its last line, code included. */
  readonly text: string;
}

/** Sends a command and reads the reply to it. */
export function askFtp(dialogue: Dialogue, command: string): Promise<FtpReply> {
  dialogue.send(`${command}\r\n`);
  return readReply(dialogue);
}

/**
 * Reads one reply. When its first line has "-" after the code, it goes on until a line that has the
 * same code and a space; the lines between may be anything (RFC 959, 4.2).
 *
 * @throws Error of the connection, or that this is no reply of FTP.
 */
export async function readReply(dialogue: Dialogue): Promise<FtpReply> {
  const first = await dialogue.answer();
  const [, digits, mark] = /^([1-5]\d\d)([ -]|$)/.exec(first) ?? [];
  if (digits === undefined) throw new Error(`not an FTP reply: ${oneLine(first)}`);
  const code = Number(digits);
  if (mark !== '-') return { code, text: first };
  for (;;) {
    const text = await dialogue.answer();
    if (text === digits || text.startsWith(`${digits} `)) return { code, text };
  }
}
