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
  return lines.flatMap((line) => setting(line, directive) ?? []);
}

/** The last line of a directive: of several the last one counts. */
export function lastSetting<T>(
  lines: readonly DirectiveLine[],
  directive: Directive<T>,
): Setting<T> | undefined {
  return allSettings(lines, directive).at(-1);
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

/** Reads without a report: validate() has told all there is to tell. */
function setting<T>(line: DirectiveLine, directive: Directive<T>): Setting<T> | undefined {
  if (findDirective(line.name) !== directive) return undefined;
  const text = line.assign === '' ? 'yes' : line.value;
  const value = directive.type.read(text, silentReport);
  return value === undefined ? undefined : { value, line };
}
