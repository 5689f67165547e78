import { missingPackage } from '../checks/optional-package.ts';
import { type ConfigOptions, type ConfigResult, loadConfig } from '../config/load.ts';
import type { Config } from '../config/model.ts';
import { renderDiagnostic } from '../config/render-diagnostic.ts';
import type { LoadResult } from '../daemon/reloader.ts';
import { CliError } from './cli-error.ts';

/** A file that asks for what is not installed is refused. */
export const checkOptions: ConfigOptions = { missingPackage };

/** Reads a configuration, as far as it can be checked here. */
export function load(path: string): Promise<ConfigResult> {
  return loadConfig(path, checkOptions);
}

/** As `load`, for a daemon that runs already. */
export async function reload(path: string): Promise<LoadResult> {
  const { sources, ...result } = await load(path);
  const lines = sources === undefined ? 0 : sources.globals.length + sources.sections.length;
  return { ...result, empty: lines === 0 };
}

/**
 * Reads a configuration for a command: warnings and errors go to stderr.
 *
 * @throws CliError with `exitCode` when the file has errors.
 */
export async function loadOrFail(path: string, exitCode: number): Promise<Config> {
  const { config, diagnostics } = await load(path);
  for (const diagnostic of diagnostics) {
    process.stderr.write(`${renderDiagnostic(diagnostic)}\n`);
  }
  if (config === undefined) throw new CliError('', exitCode);
  return config;
}
