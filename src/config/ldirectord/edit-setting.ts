import { didYouMean } from '../nearest.ts';
import { findParameter } from './check-parameters.ts';
import type { Directive } from './directive.ts';
import { directiveNames, findDirective } from './directives.ts';
import { type Edit, EditError, indentFor, indexOf, lastLine, removeLines } from './edit.ts';
import { writtenLine } from './edit-value.ts';
import {
  blockLines,
  type DirectiveLine,
  lineText,
  type Section,
  type SyntaxTree,
  serverLines,
} from './syntax.ts';

/** One `name=value` of a command line. */
export interface NewSetting {
  readonly name: string;
  readonly value: string;
}

/**
 * Gives a directive a value: in the last line that it has in the place, else in a new one. A
 * directive whose lines add up gets one more.
 *
 * @param section - undefined: on the global lines.
 * @throws EditError when the directive does not belong there.
 */
export function setDirective(
  tree: SyntaxTree,
  section: Section | undefined,
  { name, value }: NewSetting,
): Edit {
  const directive = settable(name, section);
  const lines = section?.body ?? tree.globals;
  const old = directive.repeats ? undefined : linesOf(lines, name, section).at(-1);
  if (section === undefined && directive.opensBlock) {
    throw new EditError(`${name}: needs parameters below it, write it into the file`);
  }
  const same = section?.blocks.find(
    ({ head }) => head.name === name && head.value === value.trim(),
  );
  if (directive.opensBlock && same !== undefined) {
    const at = `stands there already, in line ${same.head.number}`;
    throw new EditError(`${name}: "${value}" ${at}; write a second one into the file`);
  }
  if (old !== undefined) {
    const { indent, assign, trailing } = old;
    const text = writtenLine({ indent, name, assign: assign || '=', value, trailing });
    return { at: indexOf(old), remove: 1, insert: [text] };
  }
  const indent = section === undefined ? '' : indentFor(section, tree);
  const text = writtenLine({ indent, name, assign: '=', value, trailing: '' });
  if (section !== undefined) return insertAfter(lastLine(section), [text]);
  return insertGlobal(tree, text);
}

/**
 * Takes out all lines of a directive.
 *
 * @throws EditError when there is none.
 */
export function removeDirective(
  tree: SyntaxTree,
  section: Section | undefined,
  name: string,
): readonly Edit[] {
  const { opensBlock } = settable(name, section);
  const servers = section?.servers ?? tree.servers;
  const blocks = section?.blocks ?? tree.definitions;
  const found = (section?.body ?? tree.globals).filter((line) => line.name === name);
  const edits = opensBlock
    ? blocks.map(({ head, parameters }) => removeLines([head, ...parameters]))
    : found.map((line) => removeLines(serverLines(line, servers)));
  if (edits.length > 0) return edits;
  throw new EditError(`${name}: expected a line of it to remove, found none`);
}

/** An edit that puts lines behind another one. */
export function insertAfter(line: DirectiveLine, texts: readonly string[]): Edit {
  return { at: indexOf(line) + 1, remove: 0, insert: texts };
}

function settable(name: string, section: Section | undefined): Directive<unknown> {
  const directive = findDirective(name);
  if (directive === undefined) {
    if (name === 'weight') throw new EditError('weight: name the real server that it is for');
    if (findParameter(name) !== undefined) {
      throw new EditError(`${name}: belongs to a check, change it in the file`);
    }
    const hint = didYouMean(name, directiveNames());
    throw new EditError(`expected the name of a directive, got "${name}"${hint}`);
  }
  if (directive.removed !== undefined) throw new EditError(directive.removed);
  if (directive.opensSection) {
    throw new EditError(`${name}: use "add-virtual" and "remove" for virtual servers`);
  }
  if (section === undefined && directive.scope === 'virtual') {
    throw new EditError(`${name}: belongs to a virtual server, name it before the directive`);
  }
  if (section !== undefined && directive.scope === 'global') {
    throw new EditError(`${name}: belongs to the whole file, name no virtual server before it`);
  }
  return directive;
}

/** In a section the two spellings of fallback stand for one. */
function linesOf(
  lines: readonly DirectiveLine[],
  name: string,
  section: Section | undefined,
): readonly DirectiveLine[] {
  const pair = ['fallback', 'fallback6'];
  const names = section !== undefined && pair.includes(name) ? pair : [name];
  return lines.filter((line) => names.includes(line.name));
}

/** Behind the global lines at the top; else before the first section and the comment on it. */
function insertGlobal(tree: SyntaxTree, text: string): Edit {
  const [first] = tree.sections;
  const end = first === undefined ? tree.lines.length : indexOf(first.head);
  const blocks = tree.definitions.flatMap(blockLines);
  const parts = tree.servers.flatMap(({ line }) => serverLines(line, tree.servers));
  const last = [...tree.globals, ...blocks, ...parts]
    .toSorted((a, b) => a.number - b.number)
    .findLast((line) => indexOf(line) < end);
  if (last !== undefined) return insertAfter(last, [text]);
  if (first === undefined) return { at: end, remove: 0, insert: [text] };
  let at = end;
  while (tree.lines[at - 1]?.kind === 'comment') at--;
  // a comment that begins the file is about the file
  if (at === 0) at = end;
  const above = tree.lines[at - 1];
  const gap = above !== undefined && lineText(above).trim() !== '' ? [''] : [];
  return { at, remove: 0, insert: [...gap, text, ''] };
}
