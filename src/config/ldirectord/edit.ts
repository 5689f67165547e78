import { canonicalIndent } from './format.ts';
import type { DirectiveLine, Line, LineEnding, Section, SyntaxTree } from './syntax.ts';
import { lineText, sectionLines } from './syntax.ts';

/** What an edit asks for cannot be done to this file. */
export class EditError extends Error {
  override readonly name = 'EditError';
}

/** Some lines of a file in the place of others; all the rest stays byte for byte. */
export interface Edit {
  /** Index in `tree.lines` of the first line that goes; new lines stand before it. */
  readonly at: number;
  readonly remove: number;
  /** Without line endings. */
  readonly insert: readonly string[];
}

interface TextLine {
  readonly text: string;
  readonly ending: LineEnding;
}

/**
 * The text of the file after edits of different lines. New lines end as the first line of the file
 * does.
 */
export function applyEdits(tree: SyntaxTree, edits: readonly Edit[]): string {
  const ending = tree.lines[0]?.ending === '\r\n' ? '\r\n' : '\n';
  let lines = tree.lines.map((line): TextLine => ({ text: lineText(line), ending: line.ending }));
  for (const { at, remove, insert } of edits.toSorted((a, b) => b.at - a.at)) {
    const before = lines.slice(0, at);
    const last = before.at(-1);
    // The last line of a file may have no ending, a line with another one behind it must.
    if (insert.length > 0 && last?.ending === '') before.splice(-1, 1, { ...last, ending });
    const added = insert.map((text): TextLine => ({ text, ending }));
    lines = [...before, ...added, ...lines.slice(at + remove)];
  }
  return tree.bom + lines.map(({ text, ending }) => text + ending).join('');
}

/** Index in `tree.lines` of a line that is in the tree. */
export function indexOf(line: Line): number {
  return line.number - 1;
}

/** An edit that takes lines out, with what stands between them. */
export function removeLines(lines: readonly [DirectiveLine, ...(readonly DirectiveLine[])]): Edit {
  const [first] = lines;
  const last = lines.at(-1) ?? first;
  return { at: indexOf(first), remove: last.number - first.number + 1, insert: [] };
}

/** The last line that belongs to a section. */
export function lastLine(section: Section): DirectiveLine {
  return sectionLines(section).at(-1) ?? section.head;
}

/**
 * How a new line of a section is to be indented: as its others, else as those of the file. It will
 * not be taken for a part of what stands before it.
 */
export function indentFor(section: Section | undefined, tree: SyntaxTree): string {
  const own = section && [...section.body, ...section.blocks.map(({ head }) => head)];
  const last = own?.toSorted((a, b) => a.number - b.number).at(-1);
  if (last !== undefined) return last.indent;
  const model = tree.sections.findLast(({ body }) => body.length > 0)?.body[0];
  return model?.indent || canonicalIndent;
}
