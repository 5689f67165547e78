import { parseArgs } from 'node:util';
import { type Instance, nominalInstance } from '../daemon/instance.ts';
import { failureText, runTool } from '../doctor/gather/tool.ts';
import { CliError } from './cli-error.ts';
import { exitCodes } from './exit-codes.ts';
import { findInstance } from './find-instance.ts';
import { loadOrFail } from './load.ts';
import { markRules, markTable, removalOf } from './mark-rules.ts';

/**
 * `ipvsd nft CONFIG`: the nftables rules that set the marks of its virtual servers (`markfor`), but
 * not on packets that come from the `--peer-mac` of another director. Prints them for `nft -f`;
 * `--apply` puts them into the kernel, `--remove` takes them out.
 *
 * @returns 0.
 * @throws CliError with exit code 1 for a wrong call, a file without `markfor` and when nft fails, 2
 *   for a file with errors.
 */
export async function nftCommand(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      'peer-mac': { type: 'string', multiple: true, default: [] },
      apply: { type: 'boolean', default: false },
      remove: { type: 'boolean', default: false },
    },
  });
  const [argument, ...surplus] = positionals;
  if (argument === undefined || surplus.length > 0) {
    throw usageError('expected exactly one CONFIG');
  }
  const peers = values['peer-mac'].map(linkAddress);
  if (values.remove) {
    if (values.apply || peers.length > 0) throw usageError('--remove stands alone');
    // the file may be gone
    return load(removalOf(markTable(nominalInstance(argument).name)));
  }
  const instance = findInstance(argument);
  const rules = await rulesOf(instance, peers);
  if (values.apply) return load(rules);
  process.stdout.write(rules);
  return exitCodes.ok;
}

async function rulesOf(instance: Instance, peers: readonly string[]): Promise<string> {
  const { virtuals } = await loadOrFail(instance.configPath, exitCodes.configError);
  if (virtuals.every(({ markFor }) => markFor === undefined)) {
    throw usageError(`${instance.configPath}: expected a "markfor" in the section of a mark`);
  }
  return markRules(markTable(instance.name), virtuals, peers);
}

/** Six bytes in hexadecimal, as ip-link(8) prints them; of one card (IEEE 802: no group bit, not all zero). */
function linkAddress(text: string): string {
  const isOne = /^[\da-f][02468ace](:[\da-f]{2}){5}$/i.test(text) && /[1-9a-f]/i.test(text);
  if (isOne) return text.toLowerCase();
  throw usageError(
    `--peer-mac: expected the address of one card like 52:54:00:12:34:56, got "${text}"`,
  );
}

async function load(rules: string): Promise<number> {
  const result = await runTool('nft', ['-f', '-'], { input: rules });
  if (result.kind === 'ran' && result.exitCode === 0) return exitCodes.ok;
  throw new CliError(failureText('nft', result), exitCodes.failure);
}

function usageError(text: string): CliError {
  return new CliError(`nft: ${text}`, exitCodes.failure);
}
