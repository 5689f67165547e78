import { realpathSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from '../config/model.ts';
import { messageOf } from '../config/system-error.ts';
import type { Instance } from '../daemon/instance.ts';
import { type LogTarget, logfileTarget } from '../daemon/log.ts';
import { isPredecessor } from '../daemon/pid-file.ts';
import { fetchHead } from '../status/control-client.ts';
import type { DaemonHead } from '../status/snapshot.ts';
import { isBackground, reportFailure, reportReady, startInBackground } from './background.ts';
import { CliError } from './cli-error.ts';
import { daemonState } from './daemon-state.ts';
import { exitCodes } from './exit-codes.ts';
import { runInForeground } from './foreground.ts';

/** How long a daemon may go on stopping, and how long one without a word. */
const endPatienceMs = 30_000;
const silentPatienceMs = 5000;

export interface StartOptions {
  /** In foreground, everything to stderr, no pid file. */
  readonly debug: boolean;
  /** The arguments that the daemon shall have. */
  readonly words: readonly string[];
}

/**
 * ldirectord's `start`: returns when the daemon serves (in foreground modes: when it has ended).
 * Does nothing when it is running already; waits for one that is about to end.
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
  if (await isRunning(instance)) return;
  if (isBackground()) return background(instance, config);
  for (const problem of await startInBackground(words)) process.stderr.write(`${problem}\n`);
}

/**
 * Whether a daemon is there, answers and stays. Between its end as seen on the socket and that of its
 * process, and before it has a socket, it does not answer.
 *
 * @throws CliError when one is there that does neither answer nor end, as the ldirectord that we replace.
 */
async function isRunning(instance: Instance): Promise<boolean> {
  const begin = performance.now();
  let patienceMs = silentPatienceMs;
  for (;;) {
    const state = await daemonState(instance);
    if (state.kind !== 'running') return false;
    if (isPredecessor(state.pid)) {
      const message = `pid ${state.pid} is ldirectord: expected "restart", to put ipvsd in its place`;
      throw new CliError(message, exitCodes.failure);
    }
    const head = await fetchHead(instance.socketPath).catch(() => undefined);
    if (head !== undefined && head.state !== 'stopping') {
      refuseOtherFile(instance, head);
      return true;
    }
    if (head !== undefined) patienceMs = endPatienceMs;
    if (performance.now() - begin > patienceMs) {
      const what = head === undefined ? 'does not answer' : 'is stopping and does not end';
      const message = `the daemon (pid ${state.pid}) ${what}: expected "restart", or "stop", to end it`;
      throw new CliError(message, exitCodes.failure);
    }
    await sleep(50);
  }
}

/**
 * Another file of the same name is not served. Where a link leads, on the way to ours, may have changed
 * since the daemon was started.
 */
function refuseOtherFile({ configPath }: Instance, { config, pid }: DaemonHead): void {
  const file = realpathSync(configPath);
  if (config === file || configPath !== file) return;
  throw new CliError(`already running for ${config} with pid ${pid}`, exitCodes.failure);
}

/** We are the daemon: what goes wrong is told to the command that waits for us. */
async function background(instance: Instance, config: Config): Promise<void> {
  try {
    process.chdir('/');
    await foreground(instance, config, [logfileTarget(config.logfile)], false);
  } catch (error) {
    const exitCode = error instanceof CliError ? error.exitCode : exitCodes.failure;
    reportFailure(messageOf(error), exitCode);
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
