import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { requireIsolation } from './kernel/isolate.ts';
import { createHost, type Host } from './topology/host.ts';
import {
  type Layout,
  planNetwork,
  renderHostScript,
  renderLinkBatch,
  renderSwitchScript,
} from './topology/plan.ts';

import { addVirtualAddress, type VirtualAddressOptions } from './topology/virtual-address.ts';

export interface TopologyOptions {
  /** How many of each; one client, one director and two real servers if not given. */
  readonly clients?: number;
  readonly directors?: number;
  readonly reals?: number;
  readonly layout?: Layout;
  /** What the names of its namespaces start with; `t1`, `t2` and so on if not given. */
  readonly name?: string;
}

/** Hosts on a network of their own: clients, directors and real servers. */
export interface Topology {
  /** The first client and the first director, which most tests are about. */
  readonly client: Host;
  readonly director: Host;
  readonly clients: readonly Host[];
  readonly directors: readonly Host[];
  readonly reals: readonly Host[];
  /** A directory for the files of this topology, removed with it. */
  readonly directory: string;
  /** The host of that name: `client1`, `director2`, `real1`. @throws Error if there is none. */
  host(name: string): Host;
  /** Gives a virtual address to a director, and to the real servers as the method wants it. */
  addVirtualAddress(address: string, options?: VirtualAddressOptions): Promise<void>;
  /** Kills every process in the hosts and removes them. Safe to call twice. */
  teardown(): Promise<void>;
}

let topologyCount = 0;

/**
 * Builds a topology. IPv4 addresses are 10.9.0.x and IPv6 addresses fd00:9::x, where x is 1 and up
 * for directors, 11 and up for clients, 101 and up for real servers (10.9.1.x and fd00:9:0:1::x in
 * the inner network of the routed layout); from 200 on they are free for virtual addresses.
 *
 * @throws Error when it does not run in namespaces of its own, or could not be built; what was
 * built until then is gone again.
 */
export async function createTopology(options: TopologyOptions = {}): Promise<Topology> {
  requireIsolation('topology');
  topologyCount += 1;
  const plan = planNetwork(`${options.name ?? `t${topologyCount}`}-`, {
    clients: options.clients ?? 1,
    directors: options.directors ?? 1,
    reals: options.reals ?? 2,
    layout: options.layout ?? 'flat',
  });
  const directory = await mkdtemp(path.join(tmpdir(), 'topology-'));
  const namespaces = [plan.switchNamespace, ...plan.hosts.map(({ namespace }) => namespace)];
  const teardown = once(() => removeAll(namespaces, directory));
  const hosts = plan.hosts.map((host) => createHost({ ...host, directory }));
  try {
    await execa('ip', ['-batch', '-'], { input: renderLinkBatch(plan) });
    await execa('nsenter', [`--net=/run/netns/${plan.switchNamespace}`, 'sh', '-eu'], {
      input: renderSwitchScript(plan),
    });
    await Promise.all(
      hosts.map((host, index) =>
        host.exec(['sh', '-eu'], { input: renderHostScript(plan, index) }),
      ),
    );
  } catch (error) {
    await teardown();
    throw error;
  }
  return describe(hosts, directory, teardown);
}

function describe(
  hosts: readonly Host[],
  directory: string,
  teardown: () => Promise<void>,
): Topology {
  const ofRole = (role: string): readonly Host[] =>
    hosts.filter(({ name }) => name.replace(/\d+$/, '') === role);
  const host = (wanted: string): Host => {
    const found = hosts.find(({ name }) => name === wanted);
    if (found === undefined) {
      const names = hosts.map(({ name }) => name).join(', ');
      throw new Error(`topology: expected one of ${names}, got "${wanted}"`);
    }
    return found;
  };
  const reals = ofRole('real');
  return {
    get client() {
      return host('client1');
    },
    get director() {
      return host('director1');
    },
    clients: ofRole('client'),
    directors: ofRole('director'),
    reals,
    directory,
    host,
    addVirtualAddress: (address, options = {}) =>
      addVirtualAddress(address, { director: host('director1'), reals, ...options }),
    teardown,
  };
}

/** Processes first: a namespace lives on as long as one of them is in it. */
async function removeAll(namespaces: readonly string[], directory: string): Promise<void> {
  for (const namespace of namespaces) {
    const { stdout } = await execa('ip', ['netns', 'pids', namespace], { reject: false });
    for (const pid of stdout.split('\n').filter((line) => line !== '')) {
      killIfThere(Number(pid));
    }
    // Of a construction that failed half-way, some are not there.
    await execa('ip', ['netns', 'delete', namespace], { reject: false });
  }
  await rm(directory, { recursive: true, force: true });
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself in between.
  }
}

function once(action: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  return () => {
    running ??= action();
    return running;
  };
}
