import { singleQuoted } from '../command-words.ts';
import { hasControl } from './control-characters.ts';

/** A command of keepalived: words, and the user that it is to run as. */
export interface Script {
  readonly words: readonly string[];
  readonly user?: string;
  readonly group?: string;
}

/** What is said of a command that `commandText` cannot write. */
export const unwritable =
  'a command with control characters, or with both "#" and quotes, cannot be written: put it into a script';

const controls: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  E: '\x1b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

/**
 * `SCRIPT [USER [GROUP]]`, where SCRIPT is one word with all its parameters in quotes. The quotes
 * that are left within it keep blanks together.
 *
 * @param raw - the parameters as they are written.
 * @returns undefined when a quote is left open, or there is no command.
 */
export function readScript(raw: string): Script | undefined {
  const [script, user, group] = splitQuoted(raw, 'kept') ?? [];
  const words = splitQuoted(script ?? '', 'decoded');
  if (words === undefined || words.length === 0) return undefined;
  return { words, ...(user !== undefined && { user }), ...(group !== undefined && { group }) };
}

/** The first word of a `regex` line, its backslashes decoded. */
export function readPattern(raw: string): string | undefined {
  return splitQuoted(raw, 'decoded')?.[0];
}

/**
 * Words as `commandWords` of command-words.ts takes them apart again.
 *
 * @returns undefined for words that no line of the new file can hold: with control characters, or
 *   with both "#" and quotes.
 */
export function commandText(words: readonly string[]): string | undefined {
  const text = words.map(quotedWord).join(' ');
  if (hasControl(text)) return undefined;
  const hasQuotes = /["“”„‟″]/.test(text);
  if (text.includes('#') && hasQuotes) return undefined;
  // the reader of a value takes off quotes around the whole of it, and looks for "#"
  return text.includes('#') || hasQuotes || text.startsWith("'") ? `"${text}"` : text;
}

function quotedWord(word: string): string {
  if (/^[\w%+,./:=@^-]+$/.test(word)) return word;
  return singleQuoted(word);
}

function splitQuoted(text: string, escapes: 'kept' | 'decoded'): readonly string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  let quote = '';
  for (let at = 0; at < text.length; at++) {
    const c = text.charAt(at);
    if (c === '\\' && at + 1 < text.length) {
      const [source, decoded] = readEscape(text.slice(at));
      word = (word ?? '') + (escapes === 'kept' ? source : decoded);
      at += source.length - 1;
    } else if (quote !== '') {
      if (c === quote) quote = '';
      else word = (word ?? '') + c;
    } else if (c === '"' || c === "'") {
      quote = c;
      word ??= '';
    } else if (/\s/.test(c)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = (word ?? '') + c;
  }
  if (quote !== '') return undefined;
  return word === undefined ? words : [...words, word];
}

/** @returns the sequence at the start of the text, and the character that it stands for. */
function readEscape(text: string): readonly [source: string, decoded: string] {
  const [hex, digits = ''] = /^\\x([\da-f]{1,2})/i.exec(text) ?? [];
  if (hex !== undefined) return [hex, String.fromCharCode(Number.parseInt(digits, 16))];
  const [octal, octets = ''] = /^\\([0-7]{1,3})/.exec(text) ?? [];
  if (octal !== undefined) return [octal, String.fromCharCode(Number.parseInt(octets, 8) % 256)];
  const [control, letter = ''] = /^\\c(.)/s.exec(text) ?? [];
  if (control !== undefined) {
    return [control, String.fromCharCode(letter.toUpperCase().charCodeAt(0) ^ 64)];
  }
  const source = text.slice(0, 2);
  return [source, controls[source.charAt(1)] ?? source.charAt(1)];
}

/** Whether a user and a group, as `script_user` has them, are those that ipvsd runs commands as. */
export function isRoot([user, group = 'root']: readonly string[]): boolean {
  return user === 'root' && group === 'root';
}
