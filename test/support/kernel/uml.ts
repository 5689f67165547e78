import { accessSync, constants, statfsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { renderInit } from './uml-init.ts';

export interface UmlOptions {
  /** Runs as root inside; no shell between. */
  readonly command: readonly string[];
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Host directories that the command may write to; all else it writes is thrown away. */
  readonly shared?: readonly string[];
  readonly memoryMb?: number;
  readonly timeoutMs: number;
  /** Takes what the command prints, as it comes; the process's own stdout if not given. */
  readonly onOutput?: (chunk: Uint8Array) => void;
}

export interface UmlResult {
  /** The command's exit code; undefined when the machine did not get as far. */
  readonly exitCode: number | undefined;
  readonly timedOut: boolean;
  /** What the kernel and its init printed, for the case that something went wrong. */
  readonly consoleLog: string;
}

/**
 * Boots a User-Mode Linux machine with the host's files as its root, runs one command in it and
 * powers it off. Needs Debian's package `user-mode-linux` and no privilege. The machine is killed
 * with all its processes on timeout, and when this process exits or dies.
 */
export async function bootUml(options: UmlOptions): Promise<UmlResult> {
  const directory = await mkdtemp(path.join(tmpdir(), 'ipvsd-uml-'));
  try {
    const exitCodeFile = path.join(directory, 'exit-code');
    const init = path.join(directory, 'init');
    const script = renderInit({
      command: options.command,
      cwd: options.cwd ?? process.cwd(),
      env: options.env ?? {},
      shared: [directory, ...(options.shared ?? [])],
      exitCodeFile,
    });
    await writeFile(init, script, { mode: 0o755 });
    const run = await runMachine(directory, init, options);
    return { ...run, exitCode: await readExitCode(exitCodeFile) };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function runMachine(
  directory: string,
  init: string,
  options: UmlOptions,
): Promise<Omit<UmlResult, 'exitCode'>> {
  const memoryMb = options.memoryMb ?? 1024;
  // setpriv: the kernel must not outlive a runner that was killed with SIGKILL.
  const machine = execa(
    'setpriv',
    ['--pdeathsig', 'KILL', 'linux.uml', ...kernelArguments(directory, init, memoryMb)],
    {
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
      buffer: { fd3: false },
      all: true,
      detached: true,
      reject: false,
      env: { TMPDIR: memoryDirectory(memoryMb) },
    },
  );
  const onOutput = options.onOutput ?? ((chunk) => void process.stdout.write(chunk));
  machine.stdio[3].on('data', onOutput);
  const kill = (): void => killGroup(machine.pid);
  process.once('exit', kill);
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    kill();
  }, options.timeoutMs);
  try {
    const { all } = await machine;
    return { timedOut, consoleLog: all ?? '' };
  } finally {
    clearTimeout(timer);
    process.off('exit', kill);
    kill();
  }
}

function kernelArguments(directory: string, init: string, memoryMb: number): readonly string[] {
  return [
    `mem=${memoryMb}M`,
    'rootfstype=hostfs',
    'rootflags=/',
    'ro',
    `init=${init}`,
    `uml_dir=${directory}`,
    'umid=machine',
    'con=null',
    'con0=null,fd:1',
    'con1=null,fd:3',
    'quiet',
    'selinux=0',
    'panic=-1',
  ];
}

/**
 * The machine's memory is a file that grows as it is used. Shared memory is best, but a container
 * often has only 64 MB of it, and then the machine would die in the middle of its work.
 */
function memoryDirectory(memoryMb: number): string {
  const roomy = ['/dev/shm', tmpdir()].find((directory) => {
    try {
      accessSync(directory, constants.W_OK);
      const { bavail, bsize } = statfsSync(directory);
      return bavail * bsize >= memoryMb * 1024 * 1024;
    } catch {
      return false;
    }
  });
  return roomy ?? tmpdir();
}

/** The kernel and the processes that carry its user space share one process group. */
function killGroup(pid: number | undefined): void {
  if (pid === undefined) {
    return;
  }
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // All of them are gone already.
  }
}

async function readExitCode(file: string): Promise<number | undefined> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return /^\d+$/.test(text.trim()) ? Number(text) : undefined;
}
