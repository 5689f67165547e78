import { chmodSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { requireIsolation } from '../kernel/isolate.ts';
import { type HostProcess, startProcess } from '../topology/host-process.ts';

/** A server of a package, run by hand in the namespaces of a test. */
export interface RealServer {
  /** Ends it, and all the processes that it has started. */
  stop(): Promise<void>;
  /** Lets it accept, as the kernel does that, and be silent from then on (SIGSTOP). */
  freeze(): void;
  thaw(): void;
  /** All that it printed. */
  output(): string;
}

export interface RealServerOptions {
  /** The command, which must stay in the foreground. */
  readonly argv: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** TCP ports that it has to listen on before it counts as started. */
  readonly ports: readonly { readonly address: string; readonly port: number }[];
}

/** A new directory that the users of all servers may enter; gone with the namespaces of the test. */
export function sharedDirectory(name: string): string {
  const directory = mkdtempSync(path.join(tmpdir(), `${name}-`));
  chmodSync(directory, 0o755);
  return directory;
}

const startMs = 20_000;

/**
 * Starts a server and waits until it listens.
 *
 * @throws Error with its output when it ends or takes too long.
 */
export async function startRealServer(options: RealServerOptions): Promise<RealServer> {
  requireIsolation(options.argv[0] ?? 'server');
  const { env } = options;
  const process_ = startProcess(options.argv, env === undefined ? {} : { env });
  const server = handleOf(process_);
  try {
    await awaitPorts(process_, options);
  } catch (error) {
    await server.stop();
    throw error;
  }
  return server;
}

function handleOf(main: HostProcess): RealServer {
  return {
    async stop() {
      // All at once: some would wait long for connections that are frozen.
      for (const pid of familyOf(main.pid)) signal(pid, 'SIGKILL');
      await main.exited;
    },
    freeze() {
      // The first of them first, so that no new ones come up meanwhile.
      for (const pid of familyOf(main.pid)) signal(pid, 'SIGSTOP');
    },
    thaw() {
      for (const pid of familyOf(main.pid)) signal(pid, 'SIGCONT');
    },
    output: () => main.output(),
  };
}

async function awaitPorts(main: HostProcess, { argv, ports }: RealServerOptions): Promise<void> {
  let running = true;
  void main.exited.then(() => {
    running = false;
  });
  const deadline = performance.now() + startMs;
  for (const { address, port } of ports) {
    while (!(await accepts(address, port))) {
      if (!running || performance.now() > deadline) {
        const what = running ? `${startMs} ms went by` : 'it ended';
        throw new Error(`${argv[0]}: expected port ${port}, ${what}: ${main.output()}`);
      }
      await sleep(50);
    }
  }
}

function accepts(address: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port });
    socket.once('connect', () => {
      socket.end();
      socket.resume();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

/** A process and all its descendants, parents first. */
function familyOf(pid: number): readonly number[] {
  const parents = new Map<number, number>();
  for (const entry of readdirSync('/proc')) {
    // pid (comm) state ppid ...: proc_pid_stat(5); comm may hold anything, parentheses too.
    const parent = /^.*\) \S (\d+)/s.exec(readStat(entry))?.[1];
    if (parent !== undefined) parents.set(Number(entry), Number(parent));
  }
  const family = [pid];
  for (const member of family) {
    for (const [child, parent] of parents) if (parent === member) family.push(child);
  }
  return family;
}

function readStat(entry: string): string {
  if (!/^\d+$/.test(entry)) return '';
  try {
    return readFileSync(`/proc/${entry}/stat`, 'utf8');
  } catch {
    return '';
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // Gone already.
  }
}
