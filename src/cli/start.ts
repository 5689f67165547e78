import { realpathSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from '../config/model.ts';
import { messageOf } from '../config/system-error.ts';
import type { Instance } from '../daemon/instance.ts';
import { type LogTarget, logfileTarget } from '../daemon/log.ts';
import { isPredecessor } from '../daemon/pid-file.ts';
import { fetchHead } from '../status/control-client.ts';
import type { DaemonHead, DaemonState } from '../status/snapshot.ts';
import {
  isBackground,
  reportFailure,
  reportReady,
  startInBackground,
  startPatienceMs,
} from './background.ts';
import { CliError } from './cli-error.ts';
import { daemonState } from './daemon-state.ts';
import { exitCodes } from './exit-codes.ts';
import { runInForeground } from './foreground.ts';

/** What a daemon is waited for that does it, and how long. */
const passing: Readonly<Partial<Record<DaemonState, { patienceMs: number; what: string }>>> = {
  starting: { patienceMs: startPatienceMs, what: 'is starting and does not serve' },
  stopping: { patienceMs: 30_000, what: 'is stopping and does not end' },
};
/** And one without a word. */
const silentPatienceMs = 5000;

export interface StartOptions {
  /** In foreground, everything to stderr, no pid file. */
  readonly debug: boolean;
  /** The arguments that the daemon shall have. */
  readonly words: readonly string[];
}

/**
 * ldirectord's `start`: returns when the daemon serves (in foreground modes: when it has ended).
 * Does nothing when it is running already; waits for one that is about to serve, or to end.
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
  if (isBackground()) return background(instance, config);
  if (await isRunning(instance)) return;
  try {
    for (const problem of await startInBackground(words)) process.stderr.write(`${problem}\n`);
  } catch (error) {
    // of several starts in the same moment one has the daemon, and the others find it
    if (!(await isRunning(instance))) throw error;
  }
}

/**
 * Whether a daemon is there, answers, serves and stays. Between its end as seen on the socket and
 * that of its process, and before it has a socket, it does not answer.
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
    const doing = head && passing[head.state];
    if (head !== undefined && head.state !== 'stopping') refuseOtherFile(instance, head);
    if (head !== undefined && doing === undefined) return true;
    patienceMs = doing?.patienceMs ?? patienceMs;
    if (performance.now() - begin > patienceMs) {
      const what = doing?.what ?? 'does not answer';
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
