import type { Config } from '../config/model.ts';
import type { Instance } from '../daemon/instance.ts';
import { type LogTarget, logfileTarget } from '../daemon/log.ts';
import { pidState } from '../daemon/pid-file.ts';
import { isBackground, reportFailure, reportReady, startInBackground } from './background.ts';
import { CliError } from './cli-error.ts';
import { exitCodes } from './exit-codes.ts';
import { runInForeground } from './foreground.ts';

export interface StartOptions {
  /** In foreground, everything to stderr, no pid file. */
  readonly debug: boolean;
  /** The arguments that the daemon shall have. */
  readonly words: readonly string[];
}

/**
 * ldirectord's `start`: returns when the daemon serves (in foreground modes: when it has ended).
 * Does nothing when it is running already.
 *
 * @throws CliError when it cannot start.
 */
export async function startDaemon(
  instance: Instance,
  config: Config,
  { debug, words }: StartOptions,
): Promise<void> {
  if (debug || config.supervised) {
    const fd = debug ? 2 : 1;
    return foreground(instance, config, [{ kind: 'descriptor', fd }], debug);
  }
  if (pidState(instance.pidFile).kind === 'running') return;
  if (isBackground()) return background(instance, config);
  for (const problem of await startInBackground(words)) process.stderr.write(`${problem}\n`);
}

/** We are the daemon: what goes wrong is told to the command that waits for us. */
async function background(instance: Instance, config: Config): Promise<void> {
  try {
    process.chdir('/');
    await foreground(instance, config, [logfileTarget(config.logfile)], false);
  } catch (error) {
    const exitCode = error instanceof CliError ? error.exitCode : exitCodes.failure;
    reportFailure(error instanceof Error ? error.message : String(error), exitCode);
    throw error;
  }
}

function foreground(
  instance: Instance,
  config: Config,
  logTargets: readonly LogTarget[],
  debug: boolean,
): Promise<void> {
  return runInForeground({
    instance,
    config,
    backend: 'auto',
    logTargets,
    level: debug ? 'debug' : 'info',
    pidFile: !debug && !config.supervised,
    onReady: reportReady,
  });
}
