import { statSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { Diagnostic } from '../config/diagnostic.ts';
import { loadConfig } from '../config/load.ts';
import { renderDiagnostic } from '../config/render-diagnostic.ts';
import { trapWarnings } from '../config/traps/find-traps.ts';
import { folderWarnings } from '../config/traps/folder-traps.ts';
import type { TrapFacts } from '../config/traps/trap.ts';
import { configPath, wrongArguments } from './config-file.ts';
import { exitCodes } from './exit-codes.ts';
import { kernelFacts } from './kernel-facts.ts';
import { checkOptions } from './load.ts';

/** What was found in one file and those that it includes. */
interface FileReport {
  readonly path: string;
  readonly errors: number;
  readonly warnings: number;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * `ipvsd config check FILE... [--strict] [--json]`: all errors and warnings of all files, on stdout,
 * with the traps among them.
 *
 * @returns 0 when there are warnings at most, 2 when there are errors.
 */
export async function configCheck(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      strict: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  });
  if (positionals.length === 0) return wrongArguments('check', 'at least one FILE');
  const facts = kernelFacts();
  const reports: FileReport[] = [];
  for (const file of positionals) {
    reports.push(await checkFile(configPath(file), values.strict, facts));
  }
  const ok = reports.every(({ errors }) => errors === 0);
  const text = values.json
    ? `${JSON.stringify({ ok, files: reports }, undefined, 2)}\n`
    : reportText(reports);
  process.stdout.write(text);
  return ok ? exitCodes.ok : exitCodes.configError;
}

async function checkFile(path: string, strict: boolean, facts: TrapFacts): Promise<FileReport> {
  const options = { ...checkOptions, strict };
  const { config, sources, diagnostics: found, files } = await loadConfig(path, options);
  const traps = config && sources ? trapWarnings(config, sources, facts) : [];
  const folders = sources ? folderWarnings(sources, isFolder) : [];
  const places = new Map(files.map((file, index) => [file, index]));
  const place = ({ path }: Diagnostic): number => places.get(path) ?? -1;
  const diagnostics = [...found, ...traps, ...folders].toSorted(
    (a, b) => place(a) - place(b) || a.line - b.line || a.column - b.column,
  );
  const errors = diagnostics.filter(({ severity }) => severity === 'error').length;
  return { path, errors, warnings: diagnostics.length - errors, diagnostics };
}

/** What we may not look at may be there for the daemon. */
function isFolder(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  } catch {
    return true;
  }
}

function reportText(reports: readonly FileReport[]): string {
  const findings = reports.flatMap(({ diagnostics }) => diagnostics.map(renderDiagnostic));
  const sums = reports.map(
    ({ path, errors, warnings }) =>
      `${path}: ${counted(errors, 'error')}, ${counted(warnings, 'warning')}`,
  );
  return [...findings, ...sums].map((line) => `${line}\n`).join('');
}

function counted(count: number, what: string): string {
  return `${count === 0 ? 'no' : count} ${what}${count === 1 ? '' : 's'}`;
}
