import type { DirectiveLine, Line, LineEnding } from './syntax.ts';

const byteOrderMark = '\ufeff';

/** Quotes that word processors and web pages put in the place of ". */
export const typographicQuotes = '“”„‟″';

const anyQuote = `"${typographicQuotes}`;

/** How the rest of a line after "=" is to be cut into value and comment. */
export interface ValueForm {
  /** A "#" between quotes belongs to the value. */
  readonly quotes: boolean;
  /** Between quotes a backslash keeps the next character from ending them. */
  readonly escapes: boolean;
  /** A "#" begins a comment only at the start or after a blank (as on global lines). */
  readonly blankBeforeHash: boolean;
}

/**
 * Cuts a text into lines and these into their pieces; no character is lost or changed.
 *
 * @param form - says, per directive line, how its value ends.
 */
export function lex(
  text: string,
  form: (name: string, indent: string) => ValueForm,
): { readonly bom: string; readonly lines: readonly Line[] } {
  const bom = text.startsWith(byteOrderMark) ? byteOrderMark : '';
  const lines = splitLines(text.slice(bom.length)).map(({ body, ending }, index) =>
    lexLine(body, { number: index + 1, ending }, form),
  );
  return { bom, lines };
}

function splitLines(text: string): { body: string; ending: LineEnding }[] {
  const lines: { body: string; ending: LineEnding }[] = [];
  let start = 0;
  while (start < text.length) {
    const newline = text.indexOf('\n', start);
    if (newline < 0) {
      lines.push({ body: text.slice(start), ending: '' });
      break;
    }
    const crlf = newline > start && text[newline - 1] === '\r';
    lines.push({
      body: text.slice(start, crlf ? newline - 1 : newline),
      ending: crlf ? '\r\n' : '\n',
    });
    start = newline + 1;
  }
  return lines;
}

function lexLine(
  text: string,
  place: { readonly number: number; readonly ending: LineEnding },
  form: (name: string, indent: string) => ValueForm,
): Line {
  if (/^\s*$/.test(text)) return { kind: 'blank', text, ...place };
  if (/^\s*#/.test(text)) return { kind: 'comment', text, ...place };
  const [, indent = '', name = '', after = ''] = /^(\s*)([A-Za-z][\w-]*)(.*)$/s.exec(text) ?? [];
  if (name === '') return { kind: 'other', text, ...place };
  const [, assign, rest = ''] = /^(\s*=\s*)(.*)$/s.exec(after) ?? [];
  const directive = { kind: 'directive', indent, name, ...place } as const;
  if (assign !== undefined) return cut(directive, assign, rest, form(name, indent));
  if (/^\s*(#.*)?$/s.test(after)) return { ...directive, assign: '', value: '', trailing: after };
  return { kind: 'other', text, ...place };
}

function cut(
  directive: Omit<DirectiveLine, 'assign' | 'value' | 'trailing'>,
  assign: string,
  rest: string,
  form: ValueForm,
): DirectiveLine {
  const value = rest.slice(0, commentStart(rest, form)).trimEnd();
  return { ...directive, assign, value, trailing: rest.slice(value.length) };
}

/** A "#" is between quotes when an odd number of them stands before it, and another one behind. */
function commentStart(rest: string, form: ValueForm): number {
  if (form.escapes) return commentAfterEscapes(rest);
  const lastQuote = form.quotes && rest.includes('#') ? lastQuoteOf(rest) : -1;
  let quotes = 0;
  let at = 0;
  for (const character of rest) {
    if (anyQuote.includes(character)) quotes++;
    const begins =
      character === '#' && !(form.blankBeforeHash && at > 0 && !/\s/.test(rest.charAt(at - 1)));
    if (begins && (quotes % 2 === 0 || at > lastQuote)) return at;
    at += character.length;
  }
  return rest.length;
}

/** A comment begins behind the text in quotes that the value begins with. */
function commentAfterEscapes(rest: string): number {
  const [quoted = ''] = escapedText.exec(rest) ?? [];
  const at = rest.indexOf('#', quoted.length);
  return at < 0 ? rest.length : at;
}

/** A text in quotes with escapes, at the start of a value. */
export const escapedText = /^"([^"\\]*(?:\\.[^"\\]*)*)"/;

function lastQuoteOf(text: string): number {
  return Math.max(...Array.from(anyQuote, (quote) => text.lastIndexOf(quote)));
}
