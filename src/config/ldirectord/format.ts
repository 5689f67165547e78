import { parse } from './parser.ts';
import { silentLines } from './report.ts';
import {
  type Block,
  type CommentLine,
  type DirectiveLine,
  type Line,
  lineText,
  print,
  type ServerPart,
  type SyntaxTree,
} from './syntax.ts';

/** What the directives of a section are indented by, and what stands below one of them by as much again. */
export const canonicalIndent = '        ';

/**
 * The canonical layout of a file: sections indented by 8 blanks, what stands below a line of them
 * by 8 more, `name=value` without blanks at the
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
  const depths = depthsOf(tree);
  const below = depthsBelow(tree.lines, depths);
  const firstSection = tree.sections[0]?.head.number ?? Number.POSITIVE_INFINITY;
  return tree.lines
    .map((line, index) => {
      if (line.kind === 'blank') return '\n';
      const depth =
        line.kind === 'comment'
          ? Math.max(line.number > firstSection ? 1 : 0, below[index] ?? 0)
          : (depths.get(line) ?? 0);
      return `${lineLayout(line, canonicalIndent.repeat(depth), indentation)}\n`;
    })
    .join('');
}

/** How many steps each line is indented by: parameters one more than what they belong to. */
function depthsOf(tree: SyntaxTree): ReadonlyMap<Line, number> {
  const depths = new Map<Line, number>();
  const addBlocks = (blocks: readonly Block[], depth: number): void => {
    for (const { head, parameters } of blocks) {
      depths.set(head, depth);
      for (const line of parameters) depths.set(line, depth + 1);
    }
  };
  const addServers = (servers: readonly ServerPart[], depth: number): void => {
    for (const { body, blocks } of servers) {
      for (const line of body) depths.set(line, depth);
      addBlocks(blocks, depth);
    }
  };
  addBlocks(tree.definitions, 0);
  addServers(tree.servers, 1);
  for (const { body, blocks, servers } of tree.sections) {
    for (const line of body) depths.set(line, 1);
    addBlocks(blocks, 1);
    addServers(servers, 2);
  }
  return depths;
}

/** Of each line the depth of the next one that is no comment: a comment goes with what follows it. */
function depthsBelow(lines: readonly Line[], depths: ReadonlyMap<Line, number>): readonly number[] {
  let depth = 0;
  return lines
    .toReversed()
    .map((line) => {
      const below = depth;
      if (line.kind !== 'comment' && line.kind !== 'blank') depth = depths.get(line) ?? 0;
      return below;
    })
    .reverse();
}

function lineLayout(line: Line, canonical: string, indentation: Indentation): string {
  if (line.kind === 'comment') return commentLayout(line, canonical, indentation);
  if (line.kind !== 'directive') return lineText(line);
  const indent = indentation === 'canonical' ? canonical : line.indent;
  const text = directiveLayout(line, indent);
  return meansTheSame(text, line) ? text : lineText(line);
}

/** A comment at the start of a line stays there, also between the lines of a section. */
function commentLayout({ text }: CommentLine, canonical: string, indentation: Indentation): string {
  if (indentation === 'as it is') return text.trimEnd();
  return /^\s/.test(text) ? canonical + text.trim() : text.trim();
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
  const blockSaid = ({ head, parameters }: Block) => [said(head), parameters.map(said)];
  const serverSaid = ({ line, body, blocks }: ServerPart) => [
    line.number,
    body.map(said),
    blocks.map(blockSaid),
  ];
  return JSON.stringify([
    tree.globals.map(said),
    tree.definitions.map(blockSaid),
    tree.servers.map(serverSaid),
    tree.sections.map(({ head, body, blocks, servers }) => [
      said(head),
      body.map(said),
      blocks.map(blockSaid),
      servers.map(serverSaid),
    ]),
    tree.lines.map((line) => (line.kind === 'directive' ? line.trailing.trim() : line.kind)),
  ]);
}
