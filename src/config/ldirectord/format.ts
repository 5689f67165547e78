import { parse } from './parser.ts';
import { silentLines } from './report.ts';
import {
  type CommentLine,
  type DirectiveLine,
  type Line,
  lineText,
  print,
  type SyntaxTree,
} from './syntax.ts';

/** What the directives of a section are indented by. */
export const canonicalIndent = '        ';

/**
 * The canonical layout of a file: sections indented by 8 blanks, `name=value` without blanks at the
 * "=", one blank before a trailing comment, none at the ends of lines, LF as line ending and no byte
 * order mark. Every comment and every blank line stays in its place, and the meaning stays: a line
 * whose meaning hangs on its blanks keeps them.
 *
 * @param tree - of a file without errors.
 */
export function format(tree: SyntaxTree): string {
  const wanted = meaning(tree);
  const attempts = [layout(tree, 'canonical'), layout(tree, 'as it is')];
  return attempts.find((text) => meaning(parse(text, silentLines)) === wanted) ?? print(tree);
}

type Indentation = 'canonical' | 'as it is';

function layout(tree: SyntaxTree, indentation: Indentation): string {
  const bodies = new Set<Line>(tree.sections.flatMap(({ body }) => body));
  const firstSection = tree.sections[0]?.head.number ?? Number.POSITIVE_INFINITY;
  return tree.lines
    .map((line) => {
      if (line.kind === 'blank') return '\n';
      const inSection = line.kind === 'comment' ? line.number > firstSection : bodies.has(line);
      return `${lineLayout(line, inSection, indentation)}\n`;
    })
    .join('');
}

function lineLayout(line: Line, inSection: boolean, indentation: Indentation): string {
  if (line.kind === 'comment') return commentLayout(line, inSection, indentation);
  if (line.kind !== 'directive') return lineText(line);
  const canonical = inSection ? canonicalIndent : '';
  const indent = indentation === 'canonical' ? canonical : line.indent;
  const text = directiveLayout(line, indent);
  return meansTheSame(text, line) ? text : lineText(line);
}

/** A comment at the start of a line stays there, also between the lines of a section. */
function commentLayout(
  { text }: CommentLine,
  inSection: boolean,
  indentation: Indentation,
): string {
  if (indentation === 'as it is') return text.trimEnd();
  return inSection && /^\s/.test(text) ? canonicalIndent + text.trim() : text.trim();
}

function directiveLayout(line: DirectiveLine, indent: string): string {
  const { name, assign, value, trailing } = line;
  const comment = trailing.trim();
  const equals = assign === '' ? '' : '=';
  return `${indent}${name}${equals}${value}${comment === '' ? '' : ` ${comment}`}`;
}

/** At the start of a line a "#" within a value is no comment, behind blanks it is. */
function meansTheSame(text: string, line: DirectiveLine): boolean {
  const [again] = parse(text, silentLines).lines;
  return again?.kind === 'directive' && again.name === line.name && again.value === line.value;
}

/** All that the file says, without the way in which it is laid out. */
function meaning(tree: SyntaxTree): string {
  const said = ({ name, assign, value, number }: DirectiveLine) => [
    number,
    name,
    assign === '' ? undefined : value,
  ];
  return JSON.stringify([
    tree.globals.map(said),
    tree.sections.map(({ head, body }) => [said(head), body.map(said)]),
    tree.lines.map((line) => (line.kind === 'directive' ? line.trailing.trim() : line.kind)),
  ]);
}
