import { readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type Finding, findingLine } from '../config/keepalived/finding.ts';
import { type ImportResult, importKeepalived } from '../config/keepalived/import-keepalived.ts';
import { parseConfig } from '../config/load.ts';
import { systemErrorText } from '../config/system-error.ts';
import { CliError } from './cli-error.ts';
import { exitCodes } from './exit-codes.ts';
import { importSavedTable, isSavedTable } from './import-ipvsadm.ts';

/** `import` and `export`: the new file is whole but for what was named. */
const withLosses = 3;

/**
 * `ipvsd import FILE [--from keepalived|ipvsadm] [--config-id ID] [--output FILE]`: a keepalived.conf,
 * or what ipvsadm-save printed, as an ipvsd.cf(5). What is not as it was goes to stderr.
 *
 * @returns 0 when nothing was lost, 3 when something was lost or needs a hand, 2 for errors.
 */
export async function importCommand(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      from: { type: 'string' },
      'config-id': { type: 'string' },
      output: { type: 'string' },
    },
  });
  const [path, ...surplus] = positionals;
  if (path === undefined || surplus.length > 0) {
    throw new CliError('import: expected exactly one FILE', exitCodes.failure);
  }
  const result = isFromIpvsadm(values.from, path)
    ? await importSavedTable(path, readText(path))
    : await readBack(
        resolve(path),
        importKeepalived(resolve(path), {
          configId: values['config-id'] ?? hostname().split('.')[0] ?? '',
          environment: process.env,
        }),
      );
  report(result.findings, result.vrrp);
  if (result.text === undefined) return exitCodes.configError;
  if (values.output === undefined) process.stdout.write(result.text);
  else writeNewFile(values.output, result.text);
  return exitCodeOf(result.findings);
}

/** A value that keepalived takes, and ipvsd does not, is better said now than at the next start. */
async function readBack(path: string, result: ImportResult): Promise<ImportResult> {
  if (result.text === undefined) return result;
  const { diagnostics } = await parseConfig(result.text, path);
  const findings = diagnostics
    .filter(({ severity }) => severity === 'error')
    .map(({ line, message }): Finding => {
      const text = `ipvsd does not take line ${line} of the new file: ${message}`;
      return { kind: 'hand', file: path, line: 1, keyword: 'new file', message: text };
    });
  return { ...result, findings: [...result.findings, ...findings] };
}

/** 3 when anything is missing from what the operator had; notes alone are 0. */
export function exitCodeOf(findings: readonly Finding[]): number {
  return findings.every(({ kind }) => kind === 'note') ? exitCodes.ok : withLosses;
}

function report(findings: readonly Finding[], vrrp: string | undefined): void {
  process.stderr.write(findings.map((finding) => `${findingLine(finding)}\n`).join(''));
  if (vrrp === undefined) return;
  const head = 'what stays, as a keepalived.conf of its own (start it with "keepalived -P"):';
  process.stderr.write(`\n${head}\n\n${vrrp}`);
}

function isFromIpvsadm(from: string | undefined, path: string): boolean {
  if (from === 'keepalived' || from === 'ipvsadm') return from === 'ipvsadm';
  if (from === undefined) return isSavedTable(readText(path));
  throw new CliError(`--from: expected keepalived or ipvsadm, got "${from}"`, exitCodes.failure);
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new CliError(`import: "${path}": ${systemErrorText(error)}`, exitCodes.configError);
  }
}

/** A file that is there is not written over. @throws CliError when it cannot be written. */
export function writeNewFile(path: string, text: string): void {
  try {
    writeFileSync(path, text, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    throw new CliError(`--output: "${path}": ${systemErrorText(error)}`, exitCodes.failure);
  }
}
