/** What a shell would act on and we do not: `|`, `>`, `$HOME`, `*.log`, ... */
const shellSigns = /[|&;<>()$`*?[\]#~{}]/;

/**
 * A command line in words, for running it without a shell. Words are parted by blanks; single
 * quotes keep everything, double quotes keep everything but `\"` and `\\`, outside of quotes a
 * backslash keeps the next character (POSIX shell, 2.2 Quoting). Nothing else is special.
 *
 * @returns undefined when a quote is left open, or there is no word at all.
 */
export function commandWords(text: string): readonly string[] | undefined {
  const words: string[] = [];
  let rest = text.trimStart();
  while (rest !== '') {
    let word = '';
    while (rest !== '' && !/^\s/.test(rest)) {
      const [piece = '', single, double, escaped, plain] = onePiece.exec(rest) ?? [];
      if (piece === '') return undefined;
      word += single ?? double?.replace(/\\(["\\])/g, '$1') ?? escaped ?? plain ?? '';
      rest = rest.slice(piece.length);
    }
    words.push(word);
    rest = rest.trimStart();
  }
  return words.length > 0 ? words : undefined;
}

const onePiece = /^(?:'([^']*)'|"((?:[^"\\]|\\.)*)"|\\(.)|([^\s'"\\]+))/s;

/** A word in single quotes, as a shell and `commandWords` take it apart again. */
export function singleQuoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}

/** The first sign outside of single quotes that only a shell would understand. */
export function shellSign(text: string): string | undefined {
  return shellSigns.exec(text.replace(/'[^']*'/g, ''))?.[0];
}
