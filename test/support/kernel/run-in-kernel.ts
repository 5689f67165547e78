import { execa } from 'execa';
import { isolate } from './isolate.ts';
import type { Place } from './place.ts';
import { bootUml } from './uml.ts';

export interface RunInKernelOptions {
  readonly place: Place;
  readonly command: readonly string[];
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Host directories that the command may write to, where the place throws all else away. */
  readonly shared?: readonly string[];
  readonly memoryMb?: number;
  readonly timeoutMs: number;
}

/**
 * Runs a command with root rights next to a real IPVS, in namespaces of its own, and shows what it
 * prints as it comes. What it writes outside the shared directories does not reach the host (in
 * the host's own kernel: what it writes to /etc, /var and /run).
 *
 * @returns the command's exit code.
 * @throws Error when the kernel did not boot, or the command was not done in time.
 */
export async function runInKernel(options: RunInKernelOptions): Promise<number> {
  return options.place === 'host' ? runOnHost(options) : runInUml(options);
}

async function runOnHost(options: RunInKernelOptions): Promise<number> {
  const [command = '', ...args] = isolate(options.command, { coverHost: true });
  const { exitCode, timedOut, shortMessage } = await execa(command, args, {
    stdio: ['ignore', 'inherit', 'inherit'],
    reject: false,
    timeout: options.timeoutMs,
    killSignal: 'SIGKILL',
    cwd: options.cwd ?? process.cwd(),
    env: { ...options.env },
  });
  if (timedOut || exitCode === undefined) {
    throw new Error(
      `command: expected to end within ${options.timeoutMs / 1000} s, ${shortMessage}`,
    );
  }
  return exitCode;
}

async function runInUml(options: RunInKernelOptions): Promise<number> {
  const { exitCode, timedOut, consoleLog } = await bootUml({
    ...options,
    command: isolate(options.command, { coverHost: false }),
    env: { ...inheritedEnvironment(), ...options.env },
  });
  if (exitCode === undefined) {
    const what = timedOut ? `to be done within ${options.timeoutMs / 1000} s` : 'an exit code';
    throw new Error(`user-mode-linux: expected ${what}, its console said:\n${consoleLog}`);
  }
  return exitCode;
}

/** What a command may want to know of the outside; everything else stays there. */
function inheritedEnvironment(): Readonly<Record<string, string>> {
  const colour = process.stdout.isTTY ? {} : { NO_COLOR: '1', TERM: 'dumb' };
  const kept = ['HOME', 'LANG', 'TERM', 'CI', 'NO_COLOR'].flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return { ...Object.fromEntries(kept), ...colour };
}
