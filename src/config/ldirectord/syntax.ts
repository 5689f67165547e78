/**
 * The syntax tree of an ldirectord.cf. It is lossless: every character of the file stands in
 * exactly one piece of one line, so that printing the tree gives the file back, and an edit of one
 * directive leaves all comments and blanks as they were.
 */

interface LineBase {
  /** 1-based. */
  readonly number: number;
  readonly ending: LineEnding;
}

/** '' only for a last line that has no newline. */
export type LineEnding = '\n' | '\r\n' | '';

/** Nothing but blanks, or nothing at all. */
export interface BlankLine extends LineBase {
  readonly kind: 'blank';
  readonly text: string;
}

/** A line whose first character that is not blank is "#". */
export interface CommentLine extends LineBase {
  readonly kind: 'comment';
  readonly text: string;
}

/** `name = value # comment`, cut into its pieces. */
export interface DirectiveLine extends LineBase {
  readonly kind: 'directive';
  readonly indent: string;
  readonly name: string;
  /** The "=" with the blanks around it; '' for a bare word. */
  readonly assign: string;
  /** As written, without blanks at its ends. */
  readonly value: string;
  /** Blanks and comment after the value. */
  readonly trailing: string;
}

/** A line that is none of the above. */
export interface OtherLine extends LineBase {
  readonly kind: 'other';
  readonly text: string;
}

export type Line = BlankLine | CommentLine | DirectiveLine | OtherLine;

/** A `check=` or `definecheck=` line with its parameters: the deeper lines below it. */
export interface Block {
  readonly head: DirectiveLine;
  readonly parameters: readonly DirectiveLine[];
}

/** What stands below the line of a server, deeper than it, and is about that server alone. */
export interface ServerPart {
  /** The `real=` or `fallback=` line. */
  readonly line: DirectiveLine;
  readonly body: readonly DirectiveLine[];
  readonly blocks: readonly Block[];
}

/** A `virtual=` line with the directives that belong to it. */
export interface Section {
  readonly head: DirectiveLine;
  /** Lines about the whole section, those of its servers among them. */
  readonly body: readonly DirectiveLine[];
  /** Checks of all its real servers. */
  readonly blocks: readonly Block[];
  /** The servers that have something of their own. */
  readonly servers: readonly ServerPart[];
}

export interface SyntaxTree {
  /** Byte order mark at the start of the file, or ''. */
  readonly bom: string;
  readonly lines: readonly Line[];
  /** Members of `lines` that apply to all sections. */
  readonly globals: readonly DirectiveLine[];
  /** The checks that have a name. */
  readonly definitions: readonly Block[];
  /** What belongs to global fallbacks alone. */
  readonly servers: readonly ServerPart[];
  readonly sections: readonly Section[];
}

/** The text of the file that the tree was read from, character for character. */
export function print(tree: Pick<SyntaxTree, 'bom' | 'lines'>): string {
  return tree.bom + tree.lines.map((line) => lineText(line) + line.ending).join('');
}

/** One line without its line ending. */
export function lineText(line: Line): string {
  if (line.kind !== 'directive') return line.text;
  return line.indent + line.name + line.assign + line.value + line.trailing;
}

/** All lines of a section in the order of the file, those of its blocks included. */
export function sectionLines({
  head,
  body,
  blocks,
  servers,
}: Section): readonly [DirectiveLine, ...(readonly DirectiveLine[])] {
  const rest = [...body, ...blocks.flatMap(blockLines), ...servers.flatMap(partLines)];
  return [head, ...rest.toSorted((a, b) => a.number - b.number)];
}

/** The line of a server and all below it that is its own, in the order of the file. */
export function serverLines(
  line: DirectiveLine,
  servers: readonly ServerPart[],
): readonly [DirectiveLine, ...(readonly DirectiveLine[])] {
  const part = servers.find((one) => one.line === line);
  const own = part === undefined ? [] : partLines(part);
  return [line, ...own.toSorted((a, b) => a.number - b.number)];
}

export function blockLines({ head, parameters }: Block): readonly DirectiveLine[] {
  return [head, ...parameters];
}

/** Without the line of the server itself. */
function partLines({ body, blocks }: ServerPart): readonly DirectiveLine[] {
  return [...body, ...blocks.flatMap(blockLines)];
}

/** How far a line is indented; ldirectord counts every tab as four blanks. */
export function columnsOf(indent: string): number {
  return indent.replaceAll('\t', '    ').length;
}

/** Where the value begins in the line's text, in UTF-16 units. */
export function valueOffset(line: DirectiveLine): number {
  return line.indent.length + line.name.length + line.assign.length;
}
