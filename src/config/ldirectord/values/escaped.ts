import { escapedText } from '../lexer.ts';
import type { ValueReport } from '../report.ts';
import { isPattern } from './text.ts';
import { got, type ValueType } from './value-type.ts';

/**
 * Text in double quotes with the escapes of C: `\r` `\n` `\t` `\\` `\"` and `\xHH`. The value is
 * bytes, one a character; other characters than ASCII stand for their UTF-8 bytes.
 */
export function escaped(expects: string): ValueType<string> {
  return {
    expects: `${expects} in double quotes`,
    quotes: true,
    escapes: true,
    trailing: 'ignored',
    read(text, report) {
      const inner = readInner(text, expects, report);
      return inner === undefined ? undefined : unescaped(inner, report);
    },
  };
}

/**
 * The source of a regular expression in double quotes. It has these escapes itself, so that all
 * backslashes stay.
 */
export function expectPattern(): ValueType<string> {
  const expects = 'a regular expression';
  return {
    expects: `${expects} in double quotes`,
    quotes: true,
    escapes: true,
    trailing: 'ignored',
    read(text, report) {
      const source = readInner(text, expects, report);
      if (source === undefined) return undefined;
      return isPattern(source, report) ? source : undefined;
    },
  };
}

/** What stands between the quotes, escapes and all. */
function readInner(text: string, expects: string, report: ValueReport): string | undefined {
  const [whole = '', inner = ''] = escapedText.exec(text) ?? [];
  if (whole === '') {
    const open = text.startsWith('"') ? ' without a closing quote' : '';
    report.error('value', `expected ${expects} in double quotes, ${got(text)}${open}`);
    return undefined;
  }
  if (whole.length < text.length) {
    const at = { start: whole.length, end: text.length };
    const rest = text.slice(whole.length).trim();
    report.error('value', `expected nothing after the closing quote, got "${rest}"`, at);
    return undefined;
  }
  if (inner === '') {
    report.error('value', `expected ${expects}, got an empty text`);
    return undefined;
  }
  return inner;
}

const escapes: ReadonlyMap<string, string> = new Map([
  ['\\r', '\r'],
  ['\\n', '\n'],
  ['\\t', '\t'],
  ['\\\\', '\\'],
  ['\\"', '"'],
]);

function unescaped(inner: string, report: ValueReport): string | undefined {
  let bytes = '';
  for (const match of inner.matchAll(/\\x[\da-f]{2}|\\.|[^\\]+/gis)) {
    const [piece] = match;
    const one = pieceBytes(piece);
    if (one === undefined) {
      // behind the opening quote
      const start = match.index + 1;
      const message = `expected one of the escapes \\r \\n \\t \\\\ \\" \\xHH, got "${piece}"`;
      report.error('value', message, { start, end: start + piece.length });
      return undefined;
    }
    bytes += one;
  }
  return bytes;
}

function pieceBytes(piece: string): string | undefined {
  if (!piece.startsWith('\\')) return Buffer.from(piece, 'utf8').toString('latin1');
  if (/^\\x..$/i.test(piece)) return String.fromCharCode(Number.parseInt(piece.slice(2), 16));
  return escapes.get(piece);
}
