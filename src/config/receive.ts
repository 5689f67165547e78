import { messageOf } from './system-error.ts';

/**
 * Makes the regular expression of a `receive` directive ready for `matchesBytes`.
 *
 * The directive is a Perl regular expression that ldirectord matches against undecoded bytes. So
 * the expression is taken as its UTF-8 bytes, each byte one character, and is matched against the
 * bytes of the answer: a UTF-8 text in the file finds the same UTF-8 text on the page, and a page
 * that is not UTF-8 at all can be searched as well.
 *
 * Where Perl (perlre) and JavaScript read the same text differently, Perl's reading is taken: `$`
 * also before a final newline, `.` everything but newline, `\A` `\z` `\Z` `\h`, POSIX classes such
 * as `[[:digit:]]`, and `(?i)`, `(?s)`, `(?m)`, `(?x)`-less groups of flags at the very beginning.
 *
 * @throws SyntaxError with the reason alone, when it is not a regular expression, or when it uses
 *   something of Perl that JavaScript would silently take for something else.
 */
export function compileReceive(receive: string): RegExp {
  const flags = /^\(\?([ims]+)\)/.exec(receive);
  const letters = flags?.[1] ?? '';
  const source = Buffer.from(receive.slice(flags?.[0].length ?? 0), 'utf8').toString('latin1');
  const dialect = { dotAll: letters.includes('s'), multiline: letters.includes('m') };
  const translated = toJavaScript(source, dialect);
  try {
    return new RegExp(translated, letters.includes('i') ? 'i' : '');
  } catch (error) {
    throw new SyntaxError(reasonOf(error, translated), { cause: error });
  }
}

/** Whether the bytes contain what the expression describes. */
export function matchesBytes(expression: Pick<RegExp, 'test'>, bytes: Buffer): boolean {
  return expression.test(bytes.toString('latin1'));
}

interface Dialect {
  readonly dotAll: boolean;
  readonly multiline: boolean;
}

const atEnd = '(?![\\s\\S])';
const atStart = '(?<![\\s\\S])';

const escapes: Readonly<Record<string, string>> = {
  A: atStart,
  z: atEnd,
  Z: `(?=\\n?${atEnd})`,
  h: '[ \\t]',
  e: '\\x1b',
  a: '\\x07',
};

/** Perl's quoting, positions, line breaks and properties, which are plain letters in JavaScript. */
const foreign = /^\\[QEGKRXHNpP]$/;

const posixClasses: Readonly<Record<string, string>> = {
  alpha: 'A-Za-z',
  digit: '0-9',
  alnum: 'A-Za-z0-9',
  upper: 'A-Z',
  lower: 'a-z',
  space: '\\s',
  blank: ' \\t',
  punct: '!-\\/:-@\\[-`{-~',
  print: ' -~',
  graph: '!-~',
  cntrl: '\\x00-\\x1f\\x7f',
  xdigit: '0-9A-Fa-f',
  word: '\\w',
};

/** One token of a regular expression: an escape, a class in brackets, or a single character. */
const token = /\\[\s\S]|\[\^?\]?(?:\[:\w+:\]|\\[\s\S]|[^\]\\])*\]|[\s\S]/g;

function toJavaScript(source: string, dialect: Dialect): string {
  let translated = '';
  for (const [text] of source.matchAll(token)) {
    // each further one would be searched to the end again for the bracket that is not there
    if (text === '[') throw new SyntaxError('unterminated character class');
    translated += translate(text, dialect);
  }
  return translated;
}

function translate(text: string, { dotAll, multiline }: Dialect): string {
  if (foreign.test(text)) throw new SyntaxError(`"${text}" of Perl is not understood`);
  if (text.startsWith('\\')) return escapes[text.slice(1)] ?? text;
  if (text.startsWith('[') && text.length > 1) return translateClass(text);
  if (text === '.') return dotAll ? '[\\s\\S]' : '[^\\n]';
  if (text === '^') return multiline ? `(?:${atStart}|(?<=\\n))` : atStart;
  if (text === '$') return multiline ? `(?=\\n|${atEnd})` : `(?=\\n?${atEnd})`;
  return text;
}

function translateClass(text: string): string {
  const inner = text
    // A bracket that comes first is itself in Perl; JavaScript has an empty class there.
    .replace(/^\[(\^?)\]/, '[$1\\]')
    .replace(/\[:(\w+):\]/g, (whole, name: string) => posixClasses[name] ?? whole);
  return inner.replaceAll('\\h', ' \\t');
}

/** The engine's words without the expression that it puts before them. */
function reasonOf(error: unknown, translated: string): string {
  const text = messageOf(error);
  const [, reason = text] = text.split(`/${translated}/`);
  return reason.replace(/^\w*: /, '').toLowerCase();
}
