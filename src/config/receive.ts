/**
 * Makes the regular expression of `receive`. The operator writes Perl's; it is taken as
 * JavaScript's, which agrees on all that published files use. Flags at the very start, `(?i)`,
 * `(?s)`, `(?m)` or several together, are understood.
 *
 * @throws SyntaxError with the reason when it is not a regular expression, or uses something of
 *   Perl that JavaScript would silently read as something else.
 */
export function compileReceive(source: string): RegExp {
  const [, flags = '', pattern = source] = /^\(\?\^?([ims]+)\)(.*)$/s.exec(source) ?? [];
  const foreign = perlOnly.exec(pattern)?.[1];
  if (foreign !== undefined) {
    throw new SyntaxError(`"${foreign}" of Perl is not understood${substitute(foreign)}`);
  }
  try {
    return new RegExp(pattern, [...new Set(flags)].join(''));
  } catch (error) {
    throw new SyntaxError(reasonOf(error, pattern), { cause: error });
  }
}

/** Legal but different in JavaScript: \A would be the letter A, [[:digit:]] a set of letters. */
const perlOnly = /^(?:[^\\[]|\\[^AZzQEGKRXhH]|\[(?!\[:))*?(\\[AZzQEGKRXhH]|\[\[:\^?\w+:\])/s;

function substitute(foreign: string): string {
  if (foreign === '\\A') return ', use "^"';
  if (foreign === '\\z' || foreign === '\\Z') return ', use "$"';
  return '';
}

/** The engine's words without the pattern that it puts before them. */
function reasonOf(error: unknown, pattern: string): string {
  const text = error instanceof Error ? error.message : String(error);
  const [, reason = text] = text.split(`/${pattern}/`);
  return reason.replace(/^\w*: /, '').toLowerCase();
}
