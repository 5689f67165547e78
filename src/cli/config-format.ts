import { parseArgs } from 'node:util';
import { decode } from '../config/ldirectord/encoding.ts';
import { format } from '../config/ldirectord/format.ts';
import { parse } from '../config/ldirectord/parser.ts';
import { silentLines } from '../config/ldirectord/report.ts';
import { parseSource } from '../config/load.ts';
import { configPath, readConfig, wholeOrFail, wrongArguments } from './config-file.ts';
import { exitCodes } from './exit-codes.ts';
import { checkOptions } from './load.ts';
import { type Rewritten, rewrite } from './rewrite.ts';

/**
 * `ipvsd config format FILE [--write]`: the file in canonical layout on stdout, or written back.
 * Files that it includes are left alone.
 *
 * @throws CliError with exit code 2 when the file has errors.
 */
export async function configFormat(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { write: { type: 'boolean', default: false } },
  });
  const [file, ...surplus] = positionals;
  if (file === undefined || surplus.length > 0) return wrongArguments('format', 'exactly one FILE');
  const path = configPath(file);
  if (values.write) {
    await rewrite(path, { dryRun: false, print: 'nothing' }, (bytes) => formatted(path, bytes));
    return exitCodes.ok;
  }
  const { sources } = await readConfig(file);
  const [main] = sources.files;
  if (main !== undefined) process.stdout.write(format(main.tree));
  return exitCodes.ok;
}

async function formatted(path: string, bytes: Uint8Array): Promise<Rewritten> {
  const source = { path, ...decode(bytes) };
  wholeOrFail(await parseSource(source, checkOptions));
  return { ...source, after: format(parse(source.text, silentLines)) };
}
