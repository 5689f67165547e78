import { ControlError, isNobody } from '../status/control-client.ts';
import { CliError } from './cli-error.ts';
import { exitCodes } from './exit-codes.ts';

/**
 * What a daemon answers on its control socket. A socket that nobody listens on belongs to a daemon
 * that died; silence is another matter.
 *
 * @param command whose messages these are.
 * @returns undefined when there is no daemon.
 * @throws CliError with exit code 1 when there is one that does not answer, or not to us.
 */
export async function unlessNobody<T>(command: string, asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (isNobody(error)) return undefined;
    if (!(error instanceof ControlError)) throw error;
    const { message } = error;
    const text = /EACCES/.test(message)
      ? `no permission: ${message}`
      : `a daemon is there but does not answer: ${message}`;
    throw new CliError(`${command}: ${text}`, exitCodes.failure);
  }
}
