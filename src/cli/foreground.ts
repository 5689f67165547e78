import { BackendError } from '../backend/backend.ts';
import { type BackendChoice, type OpenedBackend, openBackend } from '../backend/open.ts';
import type { Config } from '../config/model.ts';
import type { Role } from '../config/role.ts';
import { loadSettings, type Settings, SettingsError } from '../config/settings.ts';
import type { Instance } from '../daemon/instance.ts';
import { type Log, type LogTarget, LogTargetError, openLog } from '../daemon/log.ts';
import { runService } from '../daemon/service.ts';
import { StartError } from '../daemon/start-error.ts';
import { CliError } from './cli-error.ts';
import { exitCodes } from './exit-codes.ts';
import { reload } from './load.ts';

/** How to run a daemon in this process. */
export interface ForegroundOptions {
  readonly instance: Instance;
  readonly config: Config;
  readonly backend: BackendChoice;
  readonly logTargets: readonly LogTarget[];
  readonly level: 'info' | 'debug';
  readonly pidFile: boolean;
  /** Absent: active. */
  readonly firstRole?: Role;
  /** Where ipvsd.ini is; absent: in its usual place, if it is there. */
  readonly settingsPath?: string | undefined;
  readonly onReady: (problems: readonly string[]) => void;
}

/**
 * Runs a daemon in this process until a signal ends it.
 *
 * @throws CliError when it cannot start: 2 for settings that are not right or a log file that cannot
 *   be opened, 1 otherwise.
 */
export async function runInForeground(options: ForegroundOptions): Promise<void> {
  const { instance, config, pidFile, onReady } = options;
  const settings = loadSettingsOrFail(options.settingsPath);
  const backend = await openOrFail(options.backend);
  const log = await openLogOrFail(options);
  const reread = () => reload(instance.configPath);
  try {
    const startedWith = {
      settings,
      loadSettings: () => loadSettings(options.settingsPath),
      logfile: options.logTargets.some(({ kind }) => kind !== 'descriptor')
        ? config.logfile
        : undefined,
    };
    await runService({
      instance,
      config,
      startedWith,
      load: reread,
      backend,
      log,
      firstRole: options.firstRole ?? 'active',
      pidFile,
      onReady,
    });
  } catch (error) {
    if (error instanceof StartError || error instanceof BackendError) {
      throw new CliError(error.message, exitCodes.failure);
    }
    throw error;
  }
}

function loadSettingsOrFail(path: string | undefined): Settings {
  try {
    return loadSettings(path);
  } catch (error) {
    if (error instanceof SettingsError) throw new CliError(error.message, exitCodes.configError);
    throw error;
  }
}

/** @throws CliError when the kernel's table cannot be reached. */
export async function openOrFail(choice: BackendChoice): Promise<OpenedBackend> {
  try {
    return await openBackend(choice);
  } catch (error) {
    if (error instanceof BackendError) throw new CliError(error.message, exitCodes.failure);
    throw error;
  }
}

async function openLogOrFail(options: ForegroundOptions): Promise<Log> {
  try {
    return await openLog(options.logTargets, options.level, options.instance.name);
  } catch (error) {
    if (error instanceof LogTargetError) throw new CliError(error.message, exitCodes.configError);
    throw error;
  }
}
