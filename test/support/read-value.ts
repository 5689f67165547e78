import { findDirective } from '../../src/config/ldirectord/directives.ts';
import type { ValueFinding } from '../../src/config/ldirectord/report.ts';
import type { ValueType } from '../../src/config/ldirectord/values/value-type.ts';

/** What the reader of a directive makes of a text, and all it says about it. */
export function readValue(name: string, text: string) {
  return readTyped(findDirective(name)?.type, text);
}

/** What a type of value makes of a text, and all it says about it. */
export function readTyped(type: ValueType<unknown> | undefined, text: string) {
  const said: string[] = [];
  const note =
    (severity: string): ValueFinding =>
    (_code, message) => {
      said.push(`${severity}: ${message}`);
    };
  const report = {
    error: note('error'),
    warn: note('warn'),
    assume: note('assume'),
    foreign: () => undefined,
  };
  return { value: type?.read(text, report), said };
}
