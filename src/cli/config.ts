import { CliError } from './cli-error.ts';
import { exitCodes } from './exit-codes.ts';
import { configUsage } from './usage.ts';

type Command = (args: readonly string[]) => Promise<number>;

/** Each command is loaded when it is called. */
const commands = new Map<string, () => Promise<Command>>([
  ['check', async () => (await import('./config-check.ts')).configCheck],
  ['show', async () => (await import('./config-show.ts')).configShow],
  ['explain', async () => (await import('./config-explain.ts')).configExplain],
  ['format', async () => (await import('./config-format.ts')).configFormat],
  ['add-virtual', async () => (await import('./config-edit.ts')).configAddVirtual],
  ['add-real', async () => (await import('./config-edit.ts')).configAddReal],
  ['set', async () => (await import('./config-edit.ts')).configSet],
  ['remove', async () => (await import('./config-edit.ts')).configRemove],
]);

/**
 * `ipvsd config COMMAND ...`: looks at configuration files and maintains them; never at a daemon.
 *
 * @throws CliError for an unknown command, and as of the commands.
 */
export async function configCommand(args: readonly string[]): Promise<number> {
  const [word = '', ...rest] = args;
  if (word === '--help' || word === '-h') {
    process.stdout.write(configUsage);
    return exitCodes.ok;
  }
  const command = commands.get(word);
  if (command !== undefined) return (await command())(rest);
  const expected = [...commands.keys()].join(', ');
  const got = word === '' ? 'nothing' : `"${word}"`;
  throw new CliError(`config: expected one of ${expected}, got ${got}`, exitCodes.failure);
}
