import type { Diagnostic } from '../diagnostic.ts';
import { collectingReport } from '../ldirectord/report.ts';
import type { Sources } from '../ldirectord/sources.ts';
import { type DirectiveLine, type SyntaxTree, sectionLines } from '../ldirectord/syntax.ts';
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
  const traps = findTraps(config, facts);
  return files.flatMap(({ path, tree }) => {
    const report = collectingReport(path, false);
    const lines = linesByNumber(tree);
    for (const trap of traps) {
      if ((trap.virtual.file ?? config.path) !== path) continue;
      const line = lineOf(trap, tree, lines);
      if (line !== undefined) report.warn(line, trap.code, trap.message);
    }
    return report.diagnostics();
  });
}

function linesByNumber(tree: SyntaxTree): ReadonlyMap<number, DirectiveLine> {
  const lines = tree.sections.flatMap(sectionLines);
  return new Map(lines.map((line) => [line.number, line]));
}

function lineOf(
  { virtual, directives, line }: Trap,
  tree: SyntaxTree,
  lines: ReadonlyMap<number, DirectiveLine>,
): DirectiveLine | undefined {
  const section = tree.sections.find(({ head }) => head.number === virtual.line);
  for (const name of directives) {
    const found = section?.body.findLast((one) => one.name === name);
    if (found !== undefined) return found;
  }
  return lines.get(line ?? virtual.line);
}
