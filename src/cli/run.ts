import { parseArgs } from 'node:util';
import { isBackendChoice } from '../backend/open.ts';
import { isRole, roles } from '../config/role.ts';
import { type LogTarget, logfileTarget } from '../daemon/log.ts';
import { CliError } from './cli-error.ts';
import { exitCodes } from './exit-codes.ts';
import { findInstance } from './find-instance.ts';
import { runInForeground } from './foreground.ts';
import { loadOrFail } from './load.ts';
import { tellSystemd } from './tell-systemd.ts';

/**
 * `ipvsd run CONFIG`: a daemon in the foreground. Logs to stderr, and to the file's `logfile`.
 *
 * @returns the exit code after an orderly stop.
 */
export async function runCommand(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      backend: { type: 'string', default: 'auto' },
      settings: { type: 'string' },
      role: { type: 'string', default: 'active' },
      debug: { type: 'boolean', short: 'd', default: false },
    },
  });
  const [argument, ...surplus] = positionals;
  if (argument === undefined || surplus.length > 0) {
    throw new CliError('run: expected exactly one CONFIG', exitCodes.failure);
  }
  if (!isRole(values.role)) {
    const message = `--role: expected ${roles.join(' or ')}, got "${values.role}"`;
    throw new CliError(message, exitCodes.failure);
  }
  const instance = findInstance(argument);
  const config = await loadOrFail(instance.configPath, exitCodes.configError);
  const stderr: LogTarget = { kind: 'descriptor', fd: 2 };
  await runInForeground({
    instance,
    config,
    backend: backendChoice(values.backend),
    logTargets: values.debug ? [stderr] : [stderr, logfileTarget(config.logfile)],
    level: values.debug ? 'debug' : 'info',
    pidFile: true,
    firstRole: values.role,
    settingsPath: values.settings,
    onReady: tellSystemd,
  });
  return exitCodes.ok;
}

/** @throws CliError for a word that names no backend. */
export function backendChoice(word: string) {
  if (isBackendChoice(word)) return word;
  throw new CliError(
    `--backend: expected auto, netlink, ipvsadm or memory, got "${word}"`,
    exitCodes.failure,
  );
}
