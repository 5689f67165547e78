import type { Diagnostic } from '../diagnostic.ts';
import { collectingReport } from '../ldirectord/report.ts';
import type { Sources } from '../ldirectord/sources.ts';
import {
  type DirectiveLine,
  type Section,
  type SyntaxTree,
  sectionLines,
} from '../ldirectord/syntax.ts';
import type { Config } from '../model.ts';
import { checkTraps } from './check-traps.ts';
import { forwardTraps } from './forward-traps.ts';
import { kernelTraps } from './kernel-traps.ts';
import type { Trap, TrapFacts } from './trap.ts';

/** All traps of a configuration, in the order of its virtual servers. */
export function findTraps(config: Config, facts: TrapFacts): readonly Trap[] {
  // persistentclean sets it while the daemon runs, for all virtual servers of the namespace
  const isSet = config.virtuals.some(({ persistentClean }) => persistentClean);
  const inForce = isSet ? { ...facts, expireNodestConn: true } : facts;
  return config.virtuals.flatMap((virtual) => [
    ...kernelTraps(virtual, inForce),
    ...forwardTraps(virtual),
    ...checkTraps(virtual),
  ]);
}

/** The traps as warnings at their lines, file by file. */
export function trapWarnings(
  config: Config,
  { files }: Sources,
  facts: TrapFacts,
): readonly Diagnostic[] {
  const traps = byFile(findTraps(config, facts), config.path);
  return files.flatMap(({ path, tree }) => {
    const report = collectingReport(path, false);
    const lines = linesByNumber(tree);
    const sections = new Map(tree.sections.map((section) => [section.head.number, section]));
    for (const trap of traps.get(path) ?? []) {
      const line = lineOf(trap, sections, lines);
      if (line !== undefined) report.warn(line, trap.code, trap.message);
    }
    return report.diagnostics();
  });
}

function byFile(traps: readonly Trap[], mainPath: string): ReadonlyMap<string, readonly Trap[]> {
  const files = new Map<string, Trap[]>();
  for (const trap of traps) {
    const path = trap.virtual.file ?? mainPath;
    const others = files.get(path);
    if (others === undefined) files.set(path, [trap]);
    else others.push(trap);
  }
  return files;
}

function linesByNumber(tree: SyntaxTree): ReadonlyMap<number, DirectiveLine> {
  const lines = tree.sections.flatMap(sectionLines);
  return new Map(lines.map((line) => [line.number, line]));
}

function lineOf(
  { virtual, directives, line }: Trap,
  sections: ReadonlyMap<number, Section>,
  lines: ReadonlyMap<number, DirectiveLine>,
): DirectiveLine | undefined {
  const section = sections.get(virtual.line);
  for (const name of directives) {
    const found = section?.body.findLast((one) => one.name === name);
    if (found !== undefined) return found;
  }
  return lines.get(line ?? virtual.line);
}
