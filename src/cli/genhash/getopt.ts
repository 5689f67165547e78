/** An option that a command knows. */
export interface OptionForm {
  /** Without dashes. */
  readonly long: string;
  /** One letter; absent where there is only the long form. */
  readonly short?: string;
  readonly takesValue: boolean;
  /** Counts only when written out; others may be cut to what no other begins with. */
  readonly written?: true;
}

/** One thing found on a command line, in order. */
export type Word =
  | { readonly kind: 'option'; readonly long: string; readonly value: string }
  | { readonly kind: 'unknown'; readonly text: string }
  | { readonly kind: 'no-value'; readonly text: string }
  | { readonly kind: 'argument'; readonly text: string };

/**
 * Reads a command line as getopt_long(3) does, whose habits node:util parseArgs does not have: long options may be
 * cut short, a value may begin with a dash, and options are judged in their order.
 */
export function readOptions(
  args: readonly string[],
  forms: readonly OptionForm[],
): readonly Word[] {
  const words: Word[] = [];
  const rest = [...args];
  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    if (arg === '--') {
      words.push(...rest.map((text): Word => ({ kind: 'argument', text })));
      break;
    }
    if (arg.startsWith('--')) words.push(readLong(arg, forms, rest));
    else if (arg.startsWith('-') && arg !== '-') words.push(...readShorts(arg, forms, rest));
    else words.push({ kind: 'argument', text: arg });
  }
  return words;
}

function readLong(arg: string, forms: readonly OptionForm[], rest: string[]): Word {
  const [, name = '', value] = /^--([^=]*)(?:=(.*))?$/s.exec(arg) ?? [];
  const form = findLong(name, forms);
  if (form === undefined || (!form.takesValue && value !== undefined)) {
    return { kind: 'unknown', text: arg };
  }
  return withValue(form, value, arg, rest);
}

function findLong(name: string, forms: readonly OptionForm[]): OptionForm | undefined {
  const exact = forms.find(({ long }) => long === name);
  if (exact !== undefined) return exact;
  const candidates = forms.filter(({ long, written }) => !written && long.startsWith(name));
  return candidates.length === 1 ? candidates[0] : undefined;
}

function readShorts(arg: string, forms: readonly OptionForm[], rest: string[]): readonly Word[] {
  const words: Word[] = [];
  for (let at = 1; at < arg.length; at++) {
    const letter = arg[at] ?? '';
    const form = forms.find(({ short }) => short === letter);
    if (form === undefined) {
      words.push({ kind: 'unknown', text: `-${letter}` });
    } else {
      const attached = form.takesValue ? arg.slice(at + 1) || undefined : undefined;
      words.push(withValue(form, attached, `-${letter}`, rest));
      if (form.takesValue) break;
    }
  }
  return words;
}

function withValue(
  { long, takesValue }: OptionForm,
  attached: string | undefined,
  text: string,
  rest: string[],
): Word {
  if (!takesValue) return { kind: 'option', long, value: '' };
  const value = attached ?? rest.shift();
  return value === undefined ? { kind: 'no-value', text } : { kind: 'option', long, value };
}
