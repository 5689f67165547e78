import { parseArgs } from 'node:util';
import { exportKeepalived } from '../config/keepalived/export-keepalived.ts';
import { findingLine } from '../config/keepalived/finding.ts';
import { CliError } from './cli-error.ts';
import { configPath } from './config-file.ts';
import { exitCodes } from './exit-codes.ts';
import { exitCodeOf, writeNewFile } from './import.ts';
import { loadOrFail } from './load.ts';

/**
 * `ipvsd export --keepalived CONFIG [--output FILE]`: a configuration as a keepalived.conf. What
 * keepalived cannot do goes to stderr.
 *
 * @returns 0 when nothing was lost, 3 when something was lost or needs a hand.
 * @throws CliError with exit code 2 when the configuration has errors.
 */
export async function exportCommand(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { keepalived: { type: 'boolean', default: false }, output: { type: 'string' } },
  });
  const [argument, ...surplus] = positionals;
  if (argument === undefined || surplus.length > 0 || !values.keepalived) {
    throw new CliError('export: expected --keepalived and exactly one CONFIG', exitCodes.failure);
  }
  const config = await loadOrFail(configPath(argument), exitCodes.configError);
  const { text, findings } = exportKeepalived(config);
  process.stderr.write(findings.map((finding) => `${findingLine(finding)}\n`).join(''));
  if (values.output === undefined) process.stdout.write(text);
  else writeNewFile(values.output, text);
  return exitCodeOf(findings);
}
