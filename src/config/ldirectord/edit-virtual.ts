import { findDirective } from './directives.ts';
import { type Edit, EditError, indentFor, indexOf, lastLine, removeLines } from './edit.ts';
import { insertAfter, type NewSetting } from './edit-setting.ts';
import { writtenLine } from './edit-value.ts';
import { type DirectiveLine, type Section, type SyntaxTree, serverLines } from './syntax.ts';

/**
 * Adds a section at the end of the file.
 *
 * @param name - `[tcp:|udp:|sctp:]ADDRESS:PORT`, `[fwm:|fwm6:]MARK`.
 * @throws EditError when a setting cannot stand in a section.
 */
export function addVirtual(tree: SyntaxTree, name: string, settings: readonly NewSetting[]): Edit {
  const [, prefix = '', address = ''] = /^(?:(tcp|udp|sctp|fwm6?):)?(.*)$/s.exec(name) ?? [];
  const spelling = prefix === 'fwm6' || address.startsWith('[') ? 'virtual6' : 'virtual';
  const protocol = ['tcp', 'udp', 'sctp'].includes(prefix)
    ? [{ name: 'protocol', value: prefix }]
    : [];
  const body = [...settings, ...protocol].map((setting) => sectionLine(setting, tree));
  const head = writtenLine({
    indent: '',
    name: spelling,
    assign: '=',
    value: address,
    trailing: '',
  });
  const last = tree.lines.at(-1);
  const gap = last === undefined || last.kind === 'blank' ? [] : [''];
  // ldirectord refuses a file that ends with this line
  const end = body.length === 0 ? [''] : [];
  return { at: tree.lines.length, remove: 0, insert: [...gap, head, ...body, ...end] };
}

/** Takes out a section with the comments in it; one of the blank lines around it goes as well. */
export function removeVirtual(tree: SyntaxTree, section: Section): Edit {
  const at = indexOf(section.head);
  const end = indexOf(lastLine(section)) + 1;
  const isBlank = (index: number): boolean => tree.lines[index]?.kind === 'blank';
  const above = end === tree.lines.length && isBlank(at - 1) ? 1 : 0;
  const behind = isBlank(end) && (at === 0 || isBlank(at - 1)) ? 1 : 0;
  return { at: at - above, remove: above + end - at + behind, insert: [] };
}

/**
 * Adds a real server behind those that the section has.
 *
 * @param value - `HOST:PORT METHOD [WEIGHT] ...` as in the file.
 */
export function addReal(tree: SyntaxTree, section: Section, value: string): Edit {
  const name = value.startsWith('[') || section.head.name === 'virtual6' ? 'real6' : 'real';
  const reals = section.body.filter((line) => ['real', 'real6'].includes(line.name));
  const indent = reals.at(-1)?.indent ?? indentFor(section, tree);
  const text = writtenLine({ indent, name, assign: '=', value, trailing: '' });
  const last = reals.at(-1);
  if (last !== undefined) {
    // what belongs to the one before stays with it
    return insertAfter(serverLines(last, section.servers).at(-1) ?? last, [text]);
  }
  // a check right below would become that of the new server alone
  return insertAfter(section.blocks.length > 0 ? lastLine(section) : section.head, [text]);
}

/** Takes out the line of a server with all that stands below it as its own. */
export function removeServer(line: DirectiveLine, { servers }: Section): Edit {
  return removeLines(serverLines(line, servers));
}

function sectionLine({ name, value }: NewSetting, tree: SyntaxTree): string {
  const directive = findDirective(name);
  if (directive === undefined || directive.scope === 'global' || directive.opensSection) {
    throw new EditError(`expected a directive of a virtual server, got "${name}"`);
  }
  const indent = indentFor(undefined, tree);
  return writtenLine({ indent, name, assign: '=', value, trailing: '' });
}
