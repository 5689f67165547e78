import { singleQuoted } from '../config/command-words.ts';

/** A word as a shell reads it: left as it is where it has no sign of its own there. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : singleQuoted(text);
}
