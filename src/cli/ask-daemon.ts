import { setTimeout as sleep } from 'node:timers/promises';
import type { Instance } from '../daemon/instance.ts';
import { isPredecessor, pidState } from '../daemon/pid-file.ts';
import { ControlError, isNobody } from '../status/control-client.ts';
import { CliError } from './cli-error.ts';
import { exitCodes } from './exit-codes.ts';

/** A daemon without a socket is about to make one, or to end. */
const patienceMs = 10_000;
const pollMs = 100;

/** Without a pid file a socket alone says whether there is a daemon. */
export type Whom = Pick<Instance, 'socketPath'> & Partial<Pick<Instance, 'pidFile'>>;

/**
 * What a daemon answers on its control socket. A socket that nobody listens on belongs to a daemon
 * that died, unless its process is there.
 *
 * @param ask given the path of the socket.
 * @returns undefined when there is no daemon.
 * @throws ControlError when there is one that does not answer, or not to us.
 */
export async function askDaemon<T>(
  { socketPath, pidFile }: Whom,
  ask: (socketPath: string) => Promise<T>,
): Promise<T | undefined> {
  const begin = performance.now();
  let mayEnd = true;
  for (;;) {
    try {
      return await ask(socketPath);
    } catch (error) {
      if (!(error instanceof ControlError)) throw error;
      if (isNobody(error)) {
        const state = pidFile === undefined ? undefined : pidState(pidFile);
        if (state?.kind !== 'running') return undefined;
        if (isPredecessor(state.pid)) {
          throw new ControlError(
            `pid ${state.pid} is ldirectord, "restart" puts ipvsd in its place`,
          );
        }
        if (performance.now() - begin > patienceMs) throw error;
      } else if (mayEnd && /ECONNRESET|EPIPE|hang up/.test(error.message)) {
        // it may have died over it; then the next answer says so
        mayEnd = false;
      } else throw error;
    }
    await sleep(pollMs);
  }
}

/**
 * As `askDaemon`, for a command.
 *
 * @param command whose messages these are.
 * @throws CliError with exit code 1 instead of a ControlError.
 */
export async function unlessNobody<T>(
  command: string,
  whom: Whom,
  ask: (socketPath: string) => Promise<T>,
): Promise<T | undefined> {
  try {
    return await askDaemon(whom, ask);
  } catch (error) {
    if (!(error instanceof ControlError)) throw error;
    const { message } = error;
    const text = /EACCES/.test(message)
      ? `no permission: ${message}`
      : `a daemon is there but does not answer: ${message}`;
    throw new CliError(`${command}: ${text}`, exitCodes.failure);
  }
}
