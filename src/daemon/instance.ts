import { readdirSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';

/** Where one daemon keeps what names it: one per configuration file. */
export interface Instance {
  /** `ldirectord` for the default file, else the file's base name with its extension. */
  readonly name: string;
  /** Absolute, so that a reload finds it again. */
  readonly configPath: string;
  readonly pidFile: string;
  readonly socketPath: string;
}

/** Searched in this order, after ldirectord(8). */
const configFolders = ['/etc/ha.d', '/etc/ha.d/conf'];
const defaultConfig = 'ldirectord.cf';
const runFolder = '/run/ipvsd';

/** The configuration named on the command line is nowhere. */
export class ConfigNotFoundError extends Error {
  override readonly name = 'ConfigNotFoundError';
}

/**
 * The instance that ldirectord's calling form means.
 *
 * @param argument the configuration as given; absent: the default one.
 * @throws ConfigNotFoundError when it is in none of the folders.
 */
export function ldirectordInstance(argument: string | undefined): Instance {
  const wanted = argument ?? defaultConfig;
  const candidates = [...configFolders.map((folder) => join(folder, wanted)), resolve(wanted)];
  return instanceOf(firstFile(wanted, candidates), argument === undefined ? 'ldirectord' : wanted);
}

/**
 * The instance that ipvsd's own commands mean: the path as given, then ldirectord's folders.
 *
 * @throws ConfigNotFoundError when it is in none of them.
 */
export function namedInstance(argument: string): Instance {
  const candidates = [resolve(argument), ...configFolders.map((folder) => join(folder, argument))];
  return instanceOf(firstFile(argument, candidates), argument);
}

/**
 * The instance of a file that need not be there any more: to ask and to end a daemon must not
 * depend on its file.
 */
export function nominalInstance(argument: string): Instance {
  try {
    return namedInstance(argument);
  } catch (error) {
    if (error instanceof ConfigNotFoundError) return instanceOf(resolve(argument), argument);
    throw error;
  }
}

/** Control sockets that exist on this machine; whether anybody answers is another question. */
export function controlSockets(): readonly string[] {
  try {
    return readdirSync(runFolder)
      .filter((file) => file.endsWith('.sock'))
      .sort()
      .map((file) => join(runFolder, file));
  } catch {
    return [];
  }
}

function instanceOf(configPath: string, argument: string): Instance {
  const name = basename(argument);
  return {
    name,
    configPath,
    pidFile: `/var/run/ldirectord.${name}.pid`,
    socketPath: join(runFolder, `${name}.sock`),
  };
}

/** A loop of links, or a folder that may not be entered, is no file either. */
function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function firstFile(wanted: string, candidates: readonly string[]): string {
  const found = candidates.find(isFile);
  if (found === undefined) throw new ConfigNotFoundError(`Config file ${wanted} not found`);
  return found;
}
