import { didYouMean } from '../nearest.ts';
import { findParameter, parameterNames } from './check-parameters.ts';
import { findDirective } from './directives.ts';
import type { OpenPart } from './place.ts';
import { nameStretch, type Report } from './report.ts';
import { columnsOf, type DirectiveLine } from './syntax.ts';

/**
 * Takes a line into the open block, if it is deeper than the line that opened it; a line that is
 * not, or that opens a section, ends the block. Which type of check has which parameter is not
 * looked at yet.
 *
 * @returns whether the line is done with.
 */
export function takeParameter(open: OpenPart, line: DirectiveLine, report: Report): boolean {
  const { block } = open;
  if (block === undefined) return false;
  const { head } = block;
  const isDeeper = columnsOf(line.indent) > columnsOf(head.indent);
  if (!isDeeper || findDirective(line.name)?.opensSection) {
    open.block = undefined;
    return false;
  }
  if (findParameter(line.name) === undefined) {
    report.error(line, 'unknown-parameter', whyNot(line, head), nameStretch(line));
  } else if (line.assign === '') {
    report.error(line, 'syntax', `${line.name}: expected "=" after the name`, nameStretch(line));
  } else {
    block.parameters.push(line);
  }
  return true;
}

function whyNot({ name }: DirectiveLine, head: DirectiveLine): string {
  if (findDirective(name) === undefined) {
    const hint = didYouMean(name, parameterNames());
    return `unknown parameter "${name}" of the ${head.name} in line ${head.number}${hint}`;
  }
  return (
    `${name}: no parameter of the ${head.name} in line ${head.number}:` +
    ' indent it no deeper than that line, if it does not belong there'
  );
}
