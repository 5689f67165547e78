import type { MiscCheck } from '../config/block-checks.ts';
import { commandWords } from '../config/command-words.ts';
import { accountIds } from './account.ts';
import type { Check } from './check.ts';
import { outcomeOfChild, runChild } from './child.ts';

/** What a command gets to tidy up between SIGTERM and SIGKILL. */
const graceMs = 2000;

/**
 * The check of `check = misc`, as MISC_CHECK of keepalived has it: up when the command exits with
 * code 0. With `dynamic`, codes from 2 to 255 are good as well and give the server a weight of
 * code - 2. It is run without a shell, in a process group of its own, with /dev/null for input and
 * output. At the abort the group gets SIGTERM, and SIGKILL two seconds later.
 *
 * A command that is missing or may not be run is a failure; keepalived drops the check then, and
 * the server counts as up.
 */
export const checkMisc: Check<MiscCheck> = async (definition, { signal }) => {
  signal.throwIfAborted();
  const { dynamic, user, group } = definition;
  const [command, ...args] = commandWords(definition.command) ?? [];
  if (command === undefined) {
    throw new Error(`command: expected words with closed quotes, got "${definition.command}"`);
  }
  const ids = await accountIds({ user, group });
  const end = await runChild({ command, args, output: 'ignore', signal, graceMs, ...ids });
  if (dynamic && end.kind === 'exit' && end.code >= 2) {
    const weight = end.code - 2;
    const reason = `exit code ${end.code}: weight ${weight}`;
    return { up: true, reason, effect: { kind: 'weight', weight } };
  }
  return outcomeOfChild(end);
};
