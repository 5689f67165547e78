import { findDirective } from '../../src/config/ldirectord/directives.ts';
import type { ValueFinding } from '../../src/config/ldirectord/report.ts';

/** What the reader of a directive makes of a text, and all it says about it. */
export function readValue(name: string, text: string) {
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
  return { value: findDirective(name)?.type.read(text, report), said };
}
