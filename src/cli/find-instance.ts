import { ConfigNotFoundError, type Instance, namedInstance } from '../daemon/instance.ts';
import { CliError } from './cli-error.ts';
import { exitCodes } from './exit-codes.ts';

/**
 * The instance of a configuration named to one of ipvsd's own commands.
 *
 * @throws CliError when the file is in none of the places where it is looked for.
 */
export function findInstance(argument: string): Instance {
  return orFail(() => namedInstance(argument));
}

/** Turns "not found" into the message and exit code of a command. */
export function orFail(find: () => Instance): Instance {
  try {
    return find();
  } catch (error) {
    if (error instanceof ConfigNotFoundError) {
      throw new CliError(error.message, exitCodes.failure);
    }
    throw error;
  }
}
