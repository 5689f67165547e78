import { findParameter, type Parameter } from './check-parameters.ts';
import { silentReport } from './report.ts';
import type { Setting } from './settings.ts';
import type { DirectiveLine } from './syntax.ts';

/** All lines of a parameter that have a good value, in the order of the file. */
export function allParameters<T>(
  lines: readonly DirectiveLine[],
  parameter: Parameter<T>,
): readonly Setting<T>[] {
  return lines.flatMap((line) => {
    if (findParameter(line.name) !== parameter) return [];
    // validate() has told all there is to tell
    const value = parameter.type.read(line.value, silentReport);
    return value === undefined ? [] : [{ value, line }];
  });
}

/** The line of a parameter that counts. @param places - the first that has it wins. */
export function parameterSetting<T>(
  parameter: Parameter<T>,
  places: readonly (readonly DirectiveLine[])[],
): Setting<T> | undefined {
  for (const lines of places) {
    const found = allParameters(lines, parameter).at(-1);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Its value. */
export function givenParameter<T>(
  parameter: Parameter<T>,
  places: readonly (readonly DirectiveLine[])[],
): T | undefined {
  return parameterSetting(parameter, places)?.value;
}
