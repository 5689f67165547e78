import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';

/** A long-lived process that was started in a host of the topology. */
export interface HostProcess {
  readonly pid: number;
  /** Settles when it is gone, with its exit code, or undefined when a signal ended it. */
  readonly exited: Promise<number | undefined>;
  /** All that it printed so far, on both streams. */
  output(): string;
  /** Waits until what it printed matches. Rejects when it ends or the time is over before. */
  waitForOutput(pattern: RegExp, timeoutMs?: number): Promise<RegExpExecArray>;
  signal(name: NodeJS.Signals): void;
  /** Asks it to end, makes it end after half a minute, and waits until it has. */
  stop(): Promise<void>;
  /** Ends it without giving it a chance to say goodbye, and waits until it has. */
  kill(): Promise<void>;
}

const DEFAULT_WAIT_MS = 60_000;
const STOP_MS = 30_000;
const POLL_MS = 20;

/** Starts a command and does not wait for it. */
export function startProcess(
  argv: readonly string[],
  options: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> } = {},
): HostProcess {
  const [command = '', ...args] = argv;
  const child = execa(command, args, {
    stdin: 'ignore',
    all: true,
    buffer: false,
    reject: false,
    // execa would kill after five seconds what was asked to end; stop() has its own patience
    forceKillAfterDelay: false,
    ...options,
  });
  let printed = '';
  child.all.setEncoding('utf8').on('data', (chunk: string) => {
    printed += chunk;
  });
  let running = true;
  const exited = child.then((result) => {
    running = false;
    return result.exitCode;
  });
  const { pid } = child;
  if (pid === undefined) {
    throw new Error(`command: expected "${argv.join(' ')}" to start, it did not`);
  }
  const signal = (name: NodeJS.Signals): void => void child.kill(name);
  const kill = async (): Promise<void> => {
    signal('SIGKILL');
    await exited;
  };
  return {
    pid,
    exited,
    output: () => printed,
    waitForOutput: (pattern, timeoutMs = DEFAULT_WAIT_MS) =>
      waitForMatch(pattern, timeoutMs, () => ({ printed, running })),
    signal,
    stop: async () => {
      signal('SIGTERM');
      const timer = setTimeout(signal, STOP_MS, 'SIGKILL');
      await exited;
      clearTimeout(timer);
    },
    kill,
  };
}

async function waitForMatch(
  pattern: RegExp,
  timeoutMs: number,
  look: () => { readonly printed: string; readonly running: boolean },
): Promise<RegExpExecArray> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const { printed, running } = look();
    const match = pattern.exec(printed);
    if (match !== null) {
      return match;
    }
    if (!running || performance.now() > deadline) {
      const why = running ? `after ${timeoutMs} ms` : 'when it ended';
      throw new Error(`output: expected ${pattern}, ${why} it was "${printed}"`);
    }
    await sleep(POLL_MS);
  }
}
