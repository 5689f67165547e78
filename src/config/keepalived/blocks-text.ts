/** A line of a keepalived.conf, with the block that it opens. */
export interface Entry {
  readonly keyword: string;
  /** Its parameters as they are to be written. */
  readonly raw: string;
  readonly block?: readonly Entry[];
}

/** A line without a block. */
export function entry(keyword: string, ...values: readonly (string | number)[]): Entry {
  return { keyword, raw: values.join(' ') };
}

export function blockEntry(keyword: string, raw: string, block: readonly Entry[]): Entry {
  return { keyword, raw, block };
}

/** The lines of a keepalived.conf, each with LF. */
export function printEntries(entries: readonly Entry[], indent = ''): string {
  return entries
    .map(({ keyword, raw, block }) => {
      const line = `${indent}${keyword}${raw === '' ? '' : ` ${raw}`}`;
      if (block === undefined) return `${line}\n`;
      return `${line} {\n${printEntries(block, `${indent}    `)}${indent}}\n`;
    })
    .join('');
}

/** One word of keepalived's ordinary tokenizer, which has no way to write a double quote. */
export function wordText(text: string): string | undefined {
  if (/["\p{Cc}]/u.test(text)) return undefined;
  return /^[^\s#!{}"$~@\\]+$/.test(text) ? text : `"${text}"`;
}

/** A command with its arguments as one word, as its tokenizer for scripts takes it apart again. */
export function scriptText(words: readonly string[]): string | undefined {
  if (words.some((word) => /["'\\\p{Cc}]/u.test(word))) return undefined;
  const inner = words.map((word) => (/^[^\s#!{}$]+$/.test(word) ? word : `'${word}'`));
  return `"${inner.join(' ')}"`;
}

/** An expression for `regex`, whose tokenizer decodes backslashes; lines must have pairs of quotes. */
export function patternWord(source: string): string {
  return `"${source.replaceAll('\\', '\\\\').replaceAll('"', '\\x22')}"`;
}
