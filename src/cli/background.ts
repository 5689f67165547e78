import { execa } from 'execa';
import { z } from 'zod';
import { CliError } from './cli-error.ts';
import { exitCodes } from './exit-codes.ts';

/** Set in the environment of the process that is to become the daemon. */
const mark = 'IPVSD_BACKGROUND';

/** What the daemon says to the command that started it, once. */
const messageSchema = z.union([
  z.object({ ready: z.literal(true), problems: z.array(z.string()) }),
  z.object({ ready: z.literal(false), message: z.string(), exitCode: z.number() }),
]);

type Message = z.infer<typeof messageSchema>;

/** A daemon that has not said a word by then hangs, and whoever started it must go on. */
export const startPatienceMs = 120_000;

/** Whether this process was started by `startInBackground`. */
export function isBackground(): boolean {
  return process.env[mark] !== undefined && process.send !== undefined;
}

/**
 * Starts this program again as a daemon, in a session of its own without a terminal.
 *
 * @param args its arguments; scripts look for "CONFIG start" with pgrep.
 * @returns when the daemon serves, with what the kernel refused.
 * @throws CliError with the daemon's own message and exit code when it could not start, or with exit
 *   code 1 when it ended before it served, or does not serve within `patienceMs`.
 */
export async function startInBackground(
  args: readonly string[],
  patienceMs = startPatienceMs,
): Promise<readonly string[]> {
  const [, script = ''] = process.argv;
  const child = execa(process.execPath, [...process.execArgv, script, ...args], {
    detached: true,
    cleanup: false,
    ipc: true,
    reject: false,
    stdin: 'ignore',
    stdout: 'ignore',
    stderr: 'ignore',
    env: { [mark]: '1' },
  });
  const message = await new Promise<Message>((resolve) => {
    child.once('message', (value: unknown) => resolve(messageSchema.parse(value)));
    void child.then(({ exitCode, signal, shortMessage }) => {
      const how = exitCode === undefined ? (signal ?? shortMessage) : `exit code ${exitCode}`;
      const message = `the daemon ended before it served (${how})`;
      // told to stop before it served, it has ended in order
      resolve({ ready: false, message, exitCode: exitCode || exitCodes.failure });
    });
    setTimeout(() => {
      const message = `the daemon (pid ${child.pid}) does not serve after ${patienceMs / 1000} s`;
      resolve({ ready: false, message, exitCode: exitCodes.failure });
    }, patienceMs).unref();
  });
  if (!message.ready) throw new CliError(message.message, message.exitCode);
  if (child.connected) child.disconnect();
  child.unref();
  return message.problems;
}

/** In the daemon: tells the command that started it, and lets go of it. */
export function reportReady(problems: readonly string[]): void {
  report({ ready: true, problems: [...problems] });
}

/** In the daemon: tells why it cannot start. */
export function reportFailure(message: string, exitCode: number): void {
  report({ ready: false, message, exitCode });
}

function report(message: Message): void {
  if (!process.connected) return;
  process.send?.(message, () => {
    if (process.connected) process.disconnect();
  });
}
