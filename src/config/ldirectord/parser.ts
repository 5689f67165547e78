import { didYouMean } from '../nearest.ts';
import { findParameter } from './check-parameters.ts';
import type { Directive } from './directive.ts';
import { directiveNames, findDirective } from './directives.ts';
import { lex, type ValueForm } from './lexer.ts';
import { takeParameter } from './parse-block.ts';
import { attach, type OpenPart, put, type Shelf, serverAbove } from './place.ts';
import { nameStretch, type Report } from './report.ts';
import { columnsOf, type DirectiveLine, type Line, type SyntaxTree } from './syntax.ts';

/**
 * Text to syntax tree: which line belongs to which section. Values are not looked at yet.
 *
 * Whatever ldirectord accepts means the same here. What it refuses and what has one plausible
 * meaning (short or lost indentation, blank lines in a section) is read with a warning, or in
 * strict mode refused as well.
 */
export function parse(text: string, report: Report): SyntaxTree {
  const { bom, lines } = lex(text, valueForm);
  const top: Shelf = { body: [], blocks: [], servers: [] };
  const state: State = { lines, top, sections: [], place: 'top', flat: false };
  for (const [index, line] of lines.entries()) {
    if (line.kind === 'blank') passBlank(state, line, report);
    else if (line.kind === 'other') report.error(line, 'syntax', syntaxMessage(line.text));
    else if (line.kind === 'directive' && !inBlock(state, line, report)) {
      placeDirective(state, line, index, report);
    }
  }
  const last = lines.at(-1);
  const section = state.sections.at(-1);
  if (section !== undefined && section.head === last) {
    report.assume(
      last,
      'empty-section',
      `${last.name}: last line of the file, read as a virtual server without real servers`,
    );
  }
  const { body: globals, blocks: definitions, servers } = top;
  return { bom, lines, globals, definitions, servers, sections: state.sections };
}

type OpenSection = Shelf & { readonly head: DirectiveLine };

interface State extends OpenPart {
  readonly lines: readonly Line[];
  readonly top: Shelf;
  readonly sections: OpenSection[];
  /**
   * top: before the first section; open: in one; gap: blank lines since its last directive;
   * closed: a global line ended it.
   */
  place: 'top' | 'open' | 'gap' | 'closed';
  /** The open section has directives without indentation. */
  flat: boolean;
}

function valueForm(name: string, indent: string): ValueForm {
  const type = findDirective(name)?.type ?? findParameter(name)?.type;
  return {
    quotes: type?.quotes ?? false,
    escapes: type?.escapes ?? false,
    blankBeforeHash: indent === '' && findDirective(name)?.opensSection !== true,
  };
}

function syntaxMessage(text: string): string {
  const [, word = ''] = /^\s*([A-Za-z]\w*)\s/.exec(text) ?? [];
  if (findDirective(word) !== undefined) return `${word}: expected "=" after the name`;
  return `expected "name = value", got "${text.trim()}"`;
}

/**
 * ldirectord ends a section at any line that is not indented far enough, an empty one included.
 * Of a line of more than 4 blanks it takes the rest for a directive.
 */
function passBlank(state: State, line: Line & { kind: 'blank' }, report: Report): void {
  if (state.place !== 'open') return;
  state.place = 'gap';
  // within a block a blank line is as good as any other
  if (columnsOf(line.text) <= 4 || state.block !== undefined) return;
  const at = { start: 0, end: line.text.length };
  report.assume(line, 'blanks', 'line of blanks read as an empty line', at);
}

/** A line of the open block, which a blank line before it has not ended. */
function inBlock(state: State, line: DirectiveLine, report: Report): boolean {
  if (!takeParameter(state, line, report)) return false;
  if (state.place === 'gap') state.place = 'open';
  return true;
}

function placeDirective(state: State, line: DirectiveLine, index: number, report: Report): void {
  const directive = findDirective(line.name);
  if (directive === undefined) {
    const hint = findParameter(line.name)
      ? '; as a parameter it stands below a "check" line, and deeper than it'
      : didYouMean(line.name, directiveNames());
    const message = `unknown directive "${line.name}"${hint}`;
    report.error(line, 'unknown-directive', message, nameStretch(line));
    return;
  }
  // also when the line itself is wrong, so that its parameters are not taken for directives
  state.block = directive.opensBlock ? { head: line, parameters: [] } : undefined;
  if (line.assign === '' && directive.bare !== true) {
    report.error(line, 'syntax', `${line.name}: expected "=" after the name`, nameStretch(line));
    return;
  }
  if (directive.opensSection) openSection(state, line, report);
  else if (line.indent === '') placeFlat(state, line, directive, index, report);
  else placeIndented(state, line, directive, report);
}

function openSection(state: State, line: DirectiveLine, report: Report): void {
  if (line.indent !== '') {
    report.assume(line, 'indentation', `${line.name}: indented, read as the start of a section`);
  }
  state.sections.push({ head: line, body: [], blocks: [], servers: [] });
  state.server = undefined;
  state.place = 'open';
  state.flat = false;
}

function placeIndented(
  state: State,
  line: DirectiveLine,
  directive: Directive<unknown>,
  report: Report,
): void {
  const section = state.sections.at(-1);
  const server = serverAbove(state, line, directive);
  if (server !== undefined) {
    attach(state, server, line, directive);
    if (state.place === 'gap') state.place = 'open';
    return;
  }
  if (section === undefined && directive.scope !== 'virtual') {
    report.assume(
      line,
      'indentation',
      `${line.name}: indented before the first section, read as global`,
    );
    put(state, state.top, line, directive);
    return;
  }
  if (section === undefined || state.place === 'closed') {
    reportNoSection(line, section, report);
    return;
  }
  if (state.place === 'gap') {
    report.assume(
      line,
      'blank-line',
      `${line.name}: after a blank line, read as part of ${named(section)}`,
      nameStretch(line),
    );
  } else if (columnsOf(line.indent) < 4) {
    report.assume(
      line,
      'indentation',
      `${line.name}: indented by less than 4 columns, read as part of ${named(section)}`,
      nameStretch(line),
    );
  } else if (/[^ \t]/.test(line.indent)) {
    report.assume(
      line,
      'indentation',
      `${line.name}: unusual blanks before the name, read as blanks`,
    );
  }
  join(state, section, line, directive, report);
}

/** A line in column 0: global, unless only the section before it can be meant. */
function placeFlat(
  state: State,
  line: DirectiveLine,
  directive: Directive<unknown>,
  index: number,
  report: Report,
): void {
  const section = state.sections.at(-1);
  const inReach = section !== undefined && state.place !== 'closed';
  const meansSection =
    directive.scope === 'virtual' ||
    (directive.scope === 'both' &&
      state.place === 'open' &&
      (state.flat || flatAhead(state, index)));
  if (inReach && meansSection) {
    report.assume(
      line,
      'indentation',
      `${line.name}: not indented, read as part of ${named(section)}`,
      nameStretch(line),
    );
    state.flat = true;
    join(state, section, line, directive, report);
    return;
  }
  if (directive.scope === 'virtual') {
    reportNoSection(line, section, report);
    return;
  }
  put(state, state.top, line, directive);
  if (section !== undefined) state.place = 'closed';
}

/** Does a directive that only sections have follow in column 0, before any blank line? */
function flatAhead(state: State, index: number): boolean {
  for (let next = index + 1; next < state.lines.length; next++) {
    const line = state.lines[next];
    if (line === undefined || line.kind === 'blank') return false;
    if (line.kind !== 'directive' || line.indent !== '') continue;
    const directive = findDirective(line.name);
    if (directive?.opensSection || directive?.scope === 'global') return false;
    if (directive?.scope === 'virtual') return true;
  }
  return false;
}

function join(
  state: State,
  section: Shelf,
  line: DirectiveLine,
  directive: Directive<unknown>,
  report: Report,
): void {
  state.place = 'open';
  if (directive.scope === 'global' && directive.removed === undefined) {
    report.error(
      line,
      'scope',
      `${line.name}: not allowed in a section, it belongs before the first "virtual"`,
      nameStretch(line),
    );
    return;
  }
  put(state, section, line, directive);
}

function named(section: OpenSection): string {
  return `the section of line ${section.head.number}`;
}

function reportNoSection(
  line: DirectiveLine,
  before: OpenSection | undefined,
  report: Report,
): void {
  const why =
    before === undefined
      ? 'no "virtual" stands before it'
      : `${named(before)} was ended by a global line`;
  report.error(
    line,
    'no-section',
    `${line.name}: belongs to no section: ${why}`,
    nameStretch(line),
  );
}
