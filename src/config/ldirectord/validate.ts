import { findParameter } from './check-parameters.ts';
import type { Directive } from './directive.ts';
import { findDirective } from './directives.ts';
import { nameStretch, type Report, valueReport } from './report.ts';
import {
  type Block,
  type DirectiveLine,
  type ServerPart,
  type SyntaxTree,
  valueOffset,
} from './syntax.ts';

/** Looks at every value of the file by itself and reports all that is wrong with any of them. */
export function validate(tree: SyntaxTree, report: Report): void {
  if (tree.bom !== '' && tree.lines[0] !== undefined) {
    report.assume(tree.lines[0], 'bom', 'byte order mark at the start of the file is ignored');
  }
  reportLineEndings(tree, report);
  for (const line of tree.globals) validateLine(line, 'global', report);
  for (const block of tree.definitions) validateBlock(block, 'global', report);
  for (const server of tree.servers) validateServer(server, report);
  for (const section of tree.sections) {
    validateLine(section.head, 'head', report);
    for (const line of section.body) validateLine(line, 'section', report);
    for (const block of section.blocks) validateBlock(block, 'section', report);
    for (const server of section.servers) validateServer(server, report);
  }
}

function validateServer({ body, blocks }: ServerPart, report: Report): void {
  for (const line of body) validateLine(line, 'section', report);
  for (const block of blocks) validateBlock(block, 'section', report);
}

function validateBlock({ head, parameters }: Block, place: Place, report: Report): void {
  validateLine(head, place, report);
  for (const line of parameters) {
    const type = findParameter(line.name)?.type;
    if (type !== undefined && isPrintable(line, report))
      type.read(line.value, valueReport(report, line));
  }
}

type Place = 'global' | 'head' | 'section';

function validateLine(line: DirectiveLine, place: Place, report: Report): void {
  const directive = findDirective(line.name);
  if (directive === undefined) return;
  if (directive.removed !== undefined) {
    report.error(line, 'removed', directive.removed, nameStretch(line));
    return;
  }
  const findings = valueReport(report, line);
  if (directive.own) {
    report.foreign(line, 'own', `${line.name}: not known to ldirectord`, nameStretch(line));
  }
  if (directive.deprecated !== undefined) findings.warn('deprecated', directive.deprecated);
  if (line.assign === '') {
    findings.warn('value', `no value given, read as ${line.name}=yes`);
    return;
  }
  if (!isPrintable(line, report)) return;
  reportTrailing(line, directive, place, report);
  directive.type.read(line.value, findings);
}

function isPrintable(line: DirectiveLine, report: Report): boolean {
  if (!/[^\P{Cc}\t]/u.test(line.value)) return true;
  const message = 'expected printable text, got a control character';
  valueReport(report, line).error('control-character', message);
  return false;
}

/** What follows the value: harmless, or something that ldirectord would trip over. */
function reportTrailing(
  line: DirectiveLine,
  directive: Directive<unknown>,
  place: Place,
  report: Report,
): void {
  const { trailing } = directive.type;
  const behind = valueOffset(line) + line.value.length;
  const hash = line.trailing.indexOf('#');
  const at = { start: behind + Math.max(0, hash), end: behind + line.trailing.length };
  if (place === 'section' && !directive.own && line.value.includes('#')) {
    report.assume(line, 'comment', `${line.name}: "#" between quotes read as part of the value`);
  }
  if (hash >= 0 && place === 'global') {
    const message = `${line.name}: comment after the value is ignored`;
    if (trailing === 'ignored') report.warn(line, 'comment', message, at);
    else report.assume(line, 'comment', message, at);
  } else if (/^[^#]/.test(line.trailing) && trailing === 'no-blanks') {
    const what = hash < 0 ? 'blanks after the value' : 'blanks and comment after the value';
    report.assume(line, 'blanks', `${line.name}: ${what} are ignored`, at);
  }
}

/**
 * One warning for the file: CR at the line ends is no part of the values. ldirectord trips over it
 * in yes/no lines only.
 */
function reportLineEndings(tree: SyntaxTree, report: Report): void {
  const crlf = tree.lines.filter((line) => line.ending === '\r\n');
  const refused = crlf.find(
    (line) => line.kind === 'directive' && findDirective(line.name)?.type.trailing === 'no-blanks',
  );
  const message = 'line ends with CR LF, read as LF here and in the rest of the file';
  if (refused !== undefined) report.assume(refused, 'crlf', message);
  else if (crlf[0] !== undefined) report.warn(crlf[0], 'crlf', message);
}
