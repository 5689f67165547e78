import { findDirective } from './directives.ts';
import { EditError } from './edit.ts';
import { parse } from './parser.ts';
import { silentLines, silentReport, type ValueReport } from './report.ts';
import type { DirectiveLine } from './syntax.ts';

type Pieces = Pick<DirectiveLine, 'indent' | 'name' | 'assign' | 'value' | 'trailing'>;

/**
 * A line that is read back with this very value; put in quotes where the directive wants them or
 * the value has a "#".
 *
 * @param pieces - of a directive that exists.
 * @throws EditError for a value that cannot stand in a file.
 */
export function writtenLine(pieces: Pieces): string {
  const { indent, name, assign, trailing } = pieces;
  const value = withQuotes(name, pieces.value.trim());
  if (/[^\P{Cc}\t]/u.test(value)) {
    throw new EditError(`${name}: expected a value of one line without control characters`);
  }
  const text = indent + name + assign + value + trailing;
  const [line] = parse(text, silentLines).lines;
  if (line?.kind !== 'directive' || line.value !== value || line.trailing !== trailing) {
    throw new EditError(`${name}: expected a value without "#", got "${value}"`);
  }
  return text;
}

function withQuotes(name: string, value: string): string {
  const type = findDirective(name)?.type;
  if (type?.quotes !== true || name.startsWith('real') || /^["“”„‟″]/.test(value)) return value;
  const quoted = `"${value}"`;
  if (value.includes('#')) return quoted;
  let needed = false;
  const report: ValueReport = {
    ...silentReport,
    assume: (code) => {
      needed ||= code === 'quotes';
    },
  };
  type.read(value, report);
  return needed && value !== '' ? quoted : value;
}
