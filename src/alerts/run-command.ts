import type { Logger } from 'pino';
import type { Clock } from '../health/clock.ts';

/** A command with its arguments; there is no shell. */
export type Argv = readonly string[];

export interface RunOptions {
  /** Its abort kills the command's process group. */
  readonly signal: AbortSignal;
  /** What it reads; nothing when left out. */
  readonly input?: string;
  /** Added to our own environment. */
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * Runs a command to its end, in a process group of its own.
 *
 * @returns undefined after exit code 0, else what went wrong, in a few words.
 */
export type RunCommand = (argv: Argv, options: RunOptions) => Promise<string | undefined>;

/** What running commands for an observer needs. */
export interface CommandParts {
  readonly run: RunCommand;
  readonly clock: Clock;
  readonly log: Logger;
}

export interface LoggedRun {
  /** The directive that it is for. */
  readonly what: string;
  readonly argv: Argv;
  readonly timeoutMs: number;
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs a command under a time limit, and logs that and how it went. */
export async function runLogged(
  { run, clock, log }: CommandParts,
  { what, argv, timeoutMs, env }: LoggedRun,
  signal: AbortSignal,
): Promise<void> {
  log.info({ argv }, `Running ${what}: ${argv.join(' ')}`);
  const problem = await withTimeLimit(clock, timeoutMs, signal, (limited) =>
    run(argv, { signal: limited, ...(env && { env }) }),
  );
  if (problem !== undefined) log.error({ argv }, `${what}: "${argv.join(' ')}": ${problem}`);
}

/** Hands a task a signal that is aborted when the time is over, or when `signal` is. */
export async function withTimeLimit<T>(
  clock: Clock,
  timeoutMs: number,
  signal: AbortSignal,
  task: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const pass = (): void => controller.abort(signal.reason);
  const tooLong = new Error(`no end within ${timeoutMs / 1000} s`);
  const timer = clock.setTimer(() => controller.abort(tooLong), timeoutMs);
  signal.addEventListener('abort', pass);
  if (signal.aborted) pass();
  try {
    return await task(controller.signal);
  } finally {
    timer.cancel();
    signal.removeEventListener('abort', pass);
  }
}
