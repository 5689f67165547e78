import { errorCode } from '../checks/reason.ts';
import { CliError } from './cli-error.ts';
import { exitCodes } from './exit-codes.ts';

/** @throws CliError when the daemon is somebody else's; one that has just ended is fine. */
export function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    if (!isAlive(pid)) return;
    throw new CliError(`no permission to signal the daemon, pid ${pid}`, exitCodes.failure);
  }
}

/** Whether a process is there, or has ended and nobody has waited for it yet. */
export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return errorCode(error) === 'EPERM';
  }
}
