import type { Directive, DirectiveWithDefault } from './directive.ts';
import { findDirective } from './directives.ts';
import { silentReport } from './report.ts';
import type { DirectiveLine } from './syntax.ts';

/** A value with the line it was set in. */
export interface Setting<T> {
  readonly value: T;
  readonly line: DirectiveLine;
}

/** All lines of a directive that have a good value, in the order of the file. */
export function allSettings<T>(
  lines: readonly DirectiveLine[],
  directive: Directive<T>,
): readonly Setting<T>[] {
  return linesOf(lines, directive).flatMap((line) => setting(line, directive) ?? []);
}

/** As `allSettings`, for a directive that has two spellings. */
export function settingsOfBoth<T>(
  lines: readonly DirectiveLine[],
  directive: Directive<T>,
  other: Directive<T>,
): readonly Setting<T>[] {
  const [own, others] = [allSettings(lines, directive), allSettings(lines, other)];
  if (others.length === 0) return own;
  if (own.length === 0) return others;
  const byLine = new Map([...own, ...others].map((one) => [one.line, one]));
  return lines.flatMap((line) => byLine.get(line) ?? []);
}

/** The last line of a directive: of several the last one counts. */
export function lastSetting<T>(
  lines: readonly DirectiveLine[],
  directive: Directive<T>,
): Setting<T> | undefined {
  const own = linesOf(lines, directive);
  for (let i = own.length - 1; i >= 0; i--) {
    const line = own[i];
    const found = line && setting(line, directive);
    if (found !== undefined) return found;
  }
  return undefined;
}

/**
 * What a directive amounts to: the section's line, else the global one, else the default.
 *
 * @param places - lines of the section, then the global ones; the first that has it wins.
 */
export function effective<T>(
  directive: DirectiveWithDefault<T>,
  ...places: readonly (readonly DirectiveLine[])[]
): T {
  return given(directive, ...places) ?? directive.default;
}

/** As `effective`, for a directive that has no default of its own. */
export function given<T>(
  directive: Directive<T>,
  ...places: readonly (readonly DirectiveLine[])[]
): T | undefined {
  for (const lines of places) {
    const found = lastSetting(lines, directive);
    if (found !== undefined) return found.value;
  }
  return undefined;
}

type ByDirective = Map<Directive<unknown> | undefined, DirectiveLine[]>;

/**
 * Lists that were asked about before. Each server of a section asks about a dozen directives: without
 * this, a section of thousands of servers would be gone through tens of thousands of times.
 */
const known = new WeakMap<readonly DirectiveLine[], ByDirective>();

function linesOf(
  lines: readonly DirectiveLine[],
  directive: Directive<unknown>,
): readonly DirectiveLine[] {
  const sorted = known.get(lines) ?? byDirective(lines);
  known.set(lines, sorted);
  return sorted.get(directive) ?? [];
}

function byDirective(lines: readonly DirectiveLine[]): ByDirective {
  const sorted: ByDirective = new Map();
  for (const line of lines) {
    const directive = findDirective(line.name);
    const others = sorted.get(directive);
    if (others === undefined) sorted.set(directive, [line]);
    else others.push(line);
  }
  return sorted;
}

/** Reads without a report: validate() has told all there is to tell. */
function setting<T>(line: DirectiveLine, directive: Directive<T>): Setting<T> | undefined {
  const text = line.assign === '' ? 'yes' : line.value;
  const value = directive.type.read(text, silentReport);
  return value === undefined ? undefined : { value, line };
}
