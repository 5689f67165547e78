import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ExecOptions, type ExecResult, type Host, runCommand } from '../topology/host.ts';
import type { HostProcess } from '../topology/host-process.ts';

/**
 * A machine of its own as far as a cluster engine can see: host name, processes, shared memory,
 * /run, and the folders that it is given, on top of a host of the topology.
 */
export interface ClusterNode {
  readonly name: string;
  readonly host: Host;
  /** Runs a command in it to its end. @throws Error when it fails, unless `allowFailure`. */
  exec(command: readonly string[], options?: ExecOptions): Promise<ExecResult>;
  /** Whether it is switched on. */
  isOn(): boolean;
  switchOn(): Promise<void>;
  /** As when the plug is pulled: all its processes are gone at once, and so is its network. */
  cutPower(): Promise<void>;
}

export interface NodeOptions {
  readonly name: string;
  readonly host: Host;
  /** Where it keeps its disk; shared with the outside at the same path. */
  readonly directory: string;
  /** Folders of the directory, each laid over a path of the machine: `etc` over `/etc/ha.d`. */
  readonly binds: readonly { readonly folder: string; readonly over: string }[];
  /** Shell lines that run at its start, when everything is in its place. */
  readonly boot: string;
}

const BOOT_TIMEOUT_MS = 20_000;

/** A node that is switched off. The files of its binds must be there. */
export function createNode(options: NodeOptions): ClusterNode {
  const { name, host, directory } = options;
  let running: { readonly outer: HostProcess; readonly pid: number } | undefined;
  const exec: ClusterNode['exec'] = (command, execOptions = {}) => {
    if (running === undefined) throw new Error(`${name}: expected it to be switched on`);
    const enter = ['nsenter', `--target=${running.pid}`, '-m', '-u', '-i', '-n', '-p', '--'];
    return runCommand([...enter, ...command], execOptions);
  };
  return {
    name,
    host,
    exec,
    isOn: () => running !== undefined,
    switchOn: async () => {
      await setLinks(host, 'up');
      running = await boot(options);
    },
    cutPower: async () => {
      if (running === undefined) return;
      const { outer, pid } = running;
      running = undefined;
      await setLinks(host, 'down');
      process.kill(pid, 'SIGKILL');
      await outer.exited;
      await writeFile(path.join(directory, 'booted'), '');
      // what a machine that was off has not got any more; the addresses of the test come back with it
      await host.exec(['ipvsadm', '-C']);
    },
  };
}

async function setLinks(host: Host, state: 'up' | 'down'): Promise<void> {
  for (const link of host.inner === undefined ? ['eth0'] : ['eth0', 'eth1']) {
    await host.exec(['ip', 'link', 'set', link, state]);
  }
}

async function boot(options: NodeOptions): Promise<{ outer: HostProcess; pid: number }> {
  const { directory, host } = options;
  const script = path.join(directory, 'boot.sh');
  const run = path.join(directory, 'run');
  await rm(run, { recursive: true, force: true });
  for (const folder of ['tmp', 'lock']) await mkdir(path.join(run, folder), { recursive: true });
  await writeFile(script, bootScript(options));
  await writeFile(path.join(directory, 'booted'), '');
  const outer = host.spawn([
    'unshare',
    ...['--mount', '--uts', '--ipc', '--pid', '--fork', '--kill-child', '--mount-proc'],
    ...['--propagation=private', 'sh', '-eu', script],
  ]);
  const deadline = performance.now() + BOOT_TIMEOUT_MS;
  for (;;) {
    const done = await readFile(path.join(directory, 'booted'), 'utf8');
    if (done !== '') {
      const { stdout } = await runCommand(['pgrep', '--parent', String(outer.pid)], {});
      return { outer, pid: Number(stdout.trim()) };
    }
    if (performance.now() > deadline) {
      throw new Error(`${options.name}: expected it to boot, it said "${outer.output()}"`);
    }
    await sleep(50);
  }
}

/** /run/tmp, where the test's files are, stays the same inside and outside; all else of /run is new. */
function bootScript({ name, directory, binds, boot }: NodeOptions): string {
  const run = path.join(directory, 'run');
  return [
    `hostname ${name}`,
    'mount -t tmpfs tmpfs /dev/shm',
    ...binds.map(({ folder, over }) => `mount --bind ${path.join(directory, folder)} ${over}`),
    `mount --bind /run/tmp ${run}/tmp`,
    `mount --rbind ${run} /run`,
    boot,
    `echo yes >${path.join(directory, 'booted')}`,
    // process 1 takes in what others leave
    'while :; do sleep 1000 & wait; done',
    '',
  ].join('\n');
}
