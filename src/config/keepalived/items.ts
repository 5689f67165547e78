import { withoutControls } from './control-characters.ts';

/** A line of the new file, with the lines that belong to it. */
export interface Item {
  readonly name: string;
  readonly value: string;
  readonly items?: readonly Item[];
  /** Said in a comment line before it. */
  readonly comment?: string;
}

const step = '        ';

/** Lines in the layout of `ipvsd config format`, each with LF. */
export function printItems(items: readonly Item[], indent = ''): string {
  return items
    .map(({ name, value, items: inner = [], comment }) => {
      const remark = comment === undefined ? '' : `${indent}# ${withoutControls(comment)}\n`;
      return `${remark}${indent}${name}=${value}\n${printItems(inner, indent + step)}`;
    })
    .join('');
}

/** The same items, whatever the remarks on them. */
export function sameItems(a: readonly Item[], b: readonly Item[]): boolean {
  return printItems(a.map(plain)) === printItems(b.map(plain));
}

function plain({ name, value, items = [] }: Item): Item {
  return { name, value, items: items.map(plain) };
}

/** A text that must come through as it is: in double quotes where blanks or signs ask for them. */
export function quotedText(text: string): string {
  return /^[^\s"#'“”„‟″]+$/.test(text) ? text : `"${text}"`;
}
