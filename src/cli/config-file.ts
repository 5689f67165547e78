import { existsSync } from 'node:fs';
import type { ConfigResult } from '../config/load.ts';
import { renderDiagnostic } from '../config/render-diagnostic.ts';
import { ConfigNotFoundError, namedInstance } from '../daemon/instance.ts';
import { CliError } from './cli-error.ts';
import { exitCodes } from './exit-codes.ts';
import { load } from './load.ts';

/** A configuration that was read without errors. */
export type LoadedConfig = ConfigResult & Required<Pick<ConfigResult, 'config' | 'sources'>>;

/**
 * The path of a configuration named to `ipvsd config`: as given, else in ldirectord's folders, else
 * as given for the message that it is not there.
 */
export function configPath(argument: string): string {
  if (existsSync(argument)) return argument;
  try {
    return namedInstance(argument).configPath;
  } catch (error) {
    if (error instanceof ConfigNotFoundError) return argument;
    throw error;
  }
}

/**
 * Reads a configuration; its warnings and errors go to stderr.
 *
 * @throws CliError with exit code 2 when it has errors.
 */
export async function readConfig(argument: string): Promise<LoadedConfig> {
  return wholeOrFail(await load(configPath(argument)));
}

/** Writes the findings to stderr. @throws CliError with exit code 2 when there are errors. */
export function wholeOrFail(result: ConfigResult): LoadedConfig {
  const { config, sources } = result;
  for (const diagnostic of result.diagnostics) {
    process.stderr.write(`${renderDiagnostic(diagnostic)}\n`);
  }
  if (config === undefined || sources === undefined) throw new CliError('', exitCodes.configError);
  return { ...result, config, sources };
}

/** @throws CliError that names what was expected instead of `got`. */
export function wrongArguments(command: string, expected: string): never {
  throw new CliError(`config ${command}: expected ${expected}`, exitCodes.failure);
}
