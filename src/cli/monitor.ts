import { setTimeout as sleep } from 'node:timers/promises';
import { type Instance, nominalInstance } from '../daemon/instance.ts';
import { pidState } from '../daemon/pid-file.ts';
import { ControlError, fetchSelf, fetchSnapshot } from '../status/control-client.ts';
import { type Depth, depths, selfVerdict, type Verdict, verdict } from '../status/verdict.ts';
import { askDaemon } from './ask-daemon.ts';
import { CliError } from './cli-error.ts';
import { exitCodes } from './exit-codes.ts';

/** What may pass at the next turn is asked for again for an interval and this, at most that long. */
const patienceExtraMs = 1000;
const longestPatienceMs = 10_000;
const pollMs = 250;

/**
 * `ipvsd status --monitor DEPTH CONFIG`: one line on stdout for resource agents. Looks at the
 * daemon and never at the file, which may be broken or gone.
 *
 * @returns 0 healthy, 1 running but not healthy, 3 not running.
 * @throws CliError with exit code 1 for a wrong call.
 */
export async function monitor(depthText: string, argument: string | undefined): Promise<number> {
  const depth = depths.find((one) => String(one) === depthText);
  if (depth === undefined) {
    throw new CliError(`--monitor: expected 0, 10 or 20, got "${depthText}"`, exitCodes.failure);
  }
  if (argument === undefined) {
    throw new CliError('status --monitor: expected a CONFIG', exitCodes.failure);
  }
  const instance = nominalInstance(argument);
  const found = await judge(instance, depth);
  if (found === undefined) return say(instance, 'stopped', exitCodes.notRunning);
  const { healthy, reason } = found;
  return healthy
    ? say(instance, `healthy: ${reason}`, exitCodes.ok)
    : say(instance, `unhealthy: ${reason}`, exitCodes.failure);
}

/** @returns undefined when there is no daemon. */
export async function judge(instance: Instance, depth: Depth): Promise<Verdict | undefined> {
  const begin = performance.now();
  for (;;) {
    const answer = await ask(instance, depth);
    if (answer === undefined) return undefined;
    const { found, verifyIntervalMs } = answer;
    const patienceMs = Math.min(verifyIntervalMs + patienceExtraMs, longestPatienceMs);
    if (found.healthy || !found.transient || performance.now() - begin > patienceMs) return found;
    await sleep(pollMs);
  }
}

interface Answer {
  readonly found: Verdict;
  readonly verifyIntervalMs: number;
}

/** A daemon that is there and does not answer is not healthy; one that is not there is stopped. */
async function ask(instance: Instance, depth: Depth): Promise<Answer | undefined> {
  try {
    return await askDaemon(instance, (socketPath) => look(socketPath, depth));
  } catch (error) {
    if (!(error instanceof ControlError)) throw error;
    const state = pidState(instance.pidFile);
    const who = state.kind === 'running' ? ` (pid ${state.pid})` : '';
    const reason = `the daemon${who} does not answer: ${error.message}`;
    return { found: { healthy: false, reason, transient: false }, verifyIntervalMs: 0 };
  }
}

async function look(socketPath: string, depth: Depth): Promise<Answer> {
  if (depth === 0) {
    const self = await fetchSelf(socketPath);
    return { found: selfVerdict(self), verifyIntervalMs: self.verifyIntervalMs };
  }
  const snapshot = await fetchSnapshot(socketPath);
  return { found: verdict(snapshot, depth), verifyIntervalMs: snapshot.verifyIntervalMs };
}

function say(instance: Instance, text: string, exitCode: number): number {
  process.stdout.write(`ipvsd ${instance.configPath} ${text}\n`);
  return exitCode;
}
