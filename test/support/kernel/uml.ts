import { accessSync, constants, readFileSync, statfsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { withTempDirectory } from '../temp-directory.ts';
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
  return withTempDirectory('ipvsd-uml', async (directory) => {
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
  });
}

async function runMachine(
  directory: string,
  init: string,
  options: UmlOptions,
): Promise<Omit<UmlResult, 'exitCode'>> {
  const memoryMb = options.memoryMb ?? 1024;
  const machine = execa(
    'sh',
    ['-c', WATCHED, 'sh', String(nextCpu()), ...kernelArguments(directory, init, memoryMb)],
    {
      stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
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

// The machine must not outlive a runner that dies without a word (SIGKILL): then its end of the
// pipe on standard input closes, and the watchdog kills the process group that they all are in.
// The shell gives its place to the machine, which leaves the group when it does not lead it.
const WATCHED = `
exec 4<&0 </dev/null
{ read -r _; kill -9 0; } <&4 >/dev/null 2>&1 3>&- 4<&- &
cpu=$1
shift
exec taskset --cpu-list "$cpu" linux.uml "$@" 4<&-
`;

/**
 * The CPUs that this process may use, one after the other. Each machine is tied to one: its kernel
 * and its user space are two processes that hand over at every system call, which takes twice as
 * long when they sit on two CPUs that wake each other up.
 */
function nextCpu(): number {
  const allowed = parseCpuList(
    /^Cpus_allowed_list:\s*(\S+)$/m.exec(readFileSync(STATUS, 'utf8'))?.[1],
  );
  cpuCount += 1;
  return allowed[(process.pid + cpuCount) % allowed.length] ?? 0;
}

const STATUS = '/proc/self/status';
let cpuCount = 0;

/** Reads the kernel's form for sets of CPUs: "0-3,8". */
function parseCpuList(text = '0'): readonly number[] {
  return text.split(',').flatMap((range) => {
    const [first = 0, last = first] = range.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
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
