import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Instance, ldirectordInstance, nominalInstance } from '../daemon/instance.ts';
import { servicesMemory } from '../daemon/managed-services.ts';
import { isDaemon, pidState } from '../daemon/pid-file.ts';
import { fetchHead, isNobody } from '../status/control-client.ts';
import { CliError } from './cli-error.ts';
import { daemonState } from './daemon-state.ts';
import { exitCodes } from './exit-codes.ts';
import { orFail } from './find-instance.ts';
import { isAlive, sendSignal } from './signal.ts';

/** A daemon that takes longer than this is asked whether it still does anything. */
const unaskedMs = 1000;
/** How long one may go on ending that answers, and one that does not. */
const endPatienceMs = 30_000;
const silentPatienceMs = 2000;
/** Nobody waits any more for a process that has ended (a container without init). */
const unreapedMs = 1000;
const pollMs = 20;

/**
 * ldirectord's `stop`: returns when the daemon is gone, and its services with it, also those of one
 * that had to be killed or was found dead.
 *
 * @param config as given; absent: the default one.
 * @returns 0.
 * @throws CliError with exit code 1 when it cannot be ended, or the kernel refuses.
 */
export async function stopForGood(config: string | undefined): Promise<number> {
  const instance = orFail(() => stoppedInstance(config));
  await stopDaemon(instance);
  const { pidFile } = instance;
  const isClean = pidState(pidFile).kind !== 'stale' && !existsSync(servicesMemory(instance));
  if (isClean) return exitCodes.ok;
  const { cleanUpAfterCrash } = await import('./clean-up.ts');
  return cleanUpAfterCrash(instance);
}

/** Without its file only a daemon that is there, or was until it crashed, can be stopped. */
function stoppedInstance(config: string | undefined): Instance {
  try {
    return ldirectordInstance(config);
  } catch (error) {
    const nominal = config === undefined ? undefined : nominalInstance(config);
    if (nominal === undefined) throw error;
    const left = [nominal.socketPath, servicesMemory(nominal)];
    if (pidState(nominal.pidFile).kind === 'stopped' && !left.some(existsSync)) throw error;
    return nominal;
  }
}

/**
 * Ends the daemon, if there is one, and returns when it is gone. One that does not answer any more is
 * killed; its services then stay in the kernel.
 *
 * @throws CliError when it cannot be ended.
 */
export async function stopDaemon(instance: Instance): Promise<void> {
  const state = await daemonState(instance);
  if (state.kind !== 'running') return;
  const { pid } = state;
  sendSignal(pid, 'SIGTERM');
  if (await isGone(pid, unaskedMs)) return;
  // the socket goes before the process does: nobody there is no silence
  const answers = await fetchHead(instance.socketPath).then(() => true, isNobody);
  if (await isGone(pid, answers ? endPatienceMs : silentPatienceMs)) return;
  const why = answers ? 'does not end' : 'does not answer';
  process.stderr.write(`ipvsd: pid ${pid} ${why}, killing it\n`);
  sendSignal(pid, 'SIGKILL');
  if (await isGone(pid, silentPatienceMs)) return;
  throw new CliError(`pid ${pid} is still there after SIGKILL`, exitCodes.failure);
}

/** @returns whether it is within that time. */
async function isGone(pid: number, patienceMs: number): Promise<boolean> {
  const begin = performance.now();
  for (;;) {
    const waitedMs = performance.now() - begin;
    if (!isAlive(pid) || (waitedMs >= unreapedMs && !isDaemon(pid))) return true;
    if (waitedMs > patienceMs) return false;
    await sleep(pollMs);
  }
}
