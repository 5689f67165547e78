import type { DirectiveLine, Line, LineEnding } from './syntax.ts';

const byteOrderMark = '\ufeff';

/** Quotes that word processors and web pages put in the place of ". */
export const typographicQuotes = '“”„‟″';

const anyQuote = new RegExp(`["${typographicQuotes}]`, 'g');

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

function commentStart(rest: string, form: ValueForm): number {
  for (let at = rest.indexOf('#'); at >= 0; at = rest.indexOf('#', at + 1)) {
    if (form.blankBeforeHash && at > 0 && !/\s/.test(rest.charAt(at - 1))) continue;
    if (form.escapes ? isInEscapedText(rest, at) : form.quotes && isBetweenQuotes(rest, at))
      continue;
    return at;
  }
  return rest.length;
}

/** Whether the place is in a text that a quote begins at the start of the value. */
function isInEscapedText(text: string, at: number): boolean {
  const [quoted = ''] = escapedText.exec(text) ?? [];
  return at < quoted.length;
}

/** A text in quotes with escapes, at the start of a value. */
export const escapedText = /^"((?:[^"\\]|\\.)*)"/;

function isBetweenQuotes(text: string, at: number): boolean {
  const before = text.slice(0, at).match(anyQuote)?.length ?? 0;
  return before % 2 === 1 && text.slice(at).search(anyQuote) >= 0;
}
