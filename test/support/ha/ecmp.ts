import { readFileSync } from 'node:fs';
import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { blocksOf, unitsOf } from '../shown-code.ts';
import type { ExecResult, Host } from '../topology/host.ts';
import { contrib } from './agents.ts';
import { connectionsOf } from './connections.ts';
import { type ClusterNode, createNode } from './node.ts';

const example = path.join(contrib, 'examples/ecmp-bird');

/** The script that announces and withdraws. */
export const script = path.join(example, 'director/ipvs-vip');

/** A director of the example, with its files where its README puts them. */
export interface EcmpDirector extends ClusterNode {
  /** The next hop that the router has for it. */
  readonly address: string;
  /** As at the start of a machine: settings, ipvsd, then BIRD. */
  start(): Promise<void>;
  ipvsd(...words: readonly string[]): Promise<ExecResult>;
  birdc(...words: readonly string[]): Promise<string>;
  /**
   * What the README's timer calls, to its end.
   *
   * @param meanwhile a line of shell in place of its waiting.
   * @returns what it said.
   */
  watch(meanwhile?: string): Promise<string>;
  /** The exit code of the script. */
  vip(...words: readonly string[]): Promise<number | undefined>;
  /** Server by client (`10.9.0.20:40000`), as the connection table of the kernel has them. */
  connections(): Promise<ReadonlyMap<string, string>>;
}

/** @param number its place in the router's bird.conf, from 1 on. */
export async function createEcmpDirector(options: {
  readonly host: Host;
  readonly number: number;
  readonly directory: string;
  /** The command `ipvsd`. */
  readonly command: string;
}): Promise<EcmpDirector> {
  const { host, number } = options;
  const name = `director${number}`;
  const directory = path.join(options.directory, name);
  await mkdir(path.join(directory, 'ha.d'), { recursive: true });
  await mkdir(path.join(directory, 'bird'));
  await mkdir(path.join(directory, 'sbin'));
  const own = (file: string) => path.join(example, 'director', file);
  await copyFile(path.join(example, 'ldirectord.cf'), path.join(directory, 'ha.d/ldirectord.cf'));
  await copyFile(own('bird.conf'), path.join(directory, 'bird/bird.conf'));
  await copyFile(script, path.join(directory, 'sbin/ipvs-vip'));
  const address = `192.0.2.${10 + number}`;
  await host.addAddress(`${address}/24`);
  const node = createNode({
    name,
    host,
    directory,
    binds: [
      { folder: 'ha.d', over: '/etc/ha.d' },
      { folder: 'bird', over: '/etc/bird' },
      { folder: 'sbin', over: '/usr/local/sbin' },
    ],
    // as the package's unit does it
    boot: 'mkdir -p /run/bird',
  });
  const ipvsd = (...words: readonly string[]) =>
    node.exec([options.command, ...words], { timeoutMs: 120_000 });
  return {
    ...node,
    address,
    ipvsd,
    birdc: async (...words) => (await node.exec(['birdc', ...words])).stdout,
    watch: async (meanwhile) => {
      const programs = path.join(directory, 'watch');
      await rm(programs, { recursive: true, force: true });
      await mkdir(programs);
      if (meanwhile !== undefined) {
        await writeFile(path.join(programs, 'sleep'), `#!/bin/sh\n${meanwhile}\n`, { mode: 0o755 });
      }
      const found = `PATH=${programs}:${path.dirname(options.command)}:$PATH`;
      const argv = ['sh', '-c', `${found}; ${watchCommand()}`];
      return (await node.exec(argv, { timeoutMs: 180_000 })).stdout;
    },
    vip: async (...words) =>
      (await node.exec(['/usr/local/sbin/ipvs-vip', ...words], { allowFailure: true })).exitCode,
    cutPower: async () => {
      if (!node.isOn()) return;
      await node.cutPower();
      // what the network namespace outlives, but no machine would
      await host.exec(['ip', '-batch', '-force', '-'], {
        input: `link del vips\naddr flush dev lo to 198.51.100.0/24\n`,
        allowFailure: true,
      });
    },
    start: async () => {
      await node.exec(['sysctl', '-p', own('sysctl.conf')]);
      await ipvsd('ldirectord.cf', 'start');
      await node.exec(['bird']);
    },
    connections: () => connectionsOf(node),
  };
}

/** The command line of the README's bird-watch.service, whose quotes are a shell's, too. */
function watchCommand(): string {
  const text = readFileSync(path.join(example, 'README.md'), 'utf8');
  const units = new Map(blocksOf(text).flatMap(({ code }) => unitsOf(code)));
  const [, command] = /^ExecStart=(.*)$/m.exec(units.get('bird-watch.service') ?? '') ?? [];
  if (command === undefined) throw new Error('README.md: expected a bird-watch.service');
  return command;
}

/** The router of the example. */
export interface EcmpRouter {
  birdc(...words: readonly string[]): Promise<string>;
  /** The next hops of its kernel's route to an address, after each change so far. */
  changes(address: string): readonly (readonly string[])[];
}

export async function startEcmpRouter(host: Host, directory: string): Promise<EcmpRouter> {
  const control = ['-s', path.join(directory, 'router.ctl')];
  const own = (file: string) => path.join(example, 'router', file);
  await host.addAddress('192.0.2.1/24', 'eth1');
  await host.exec(['sysctl', '-p', own('sysctl.conf')]);
  await host.exec(['bird', '-c', own('bird.conf'), ...control]);
  const monitor = host.spawn(['ip', '-o', 'monitor', 'route']);
  return {
    birdc: async (...words) => (await host.exec(['birdc', ...control, ...words])).stdout,
    changes: (address) =>
      monitor
        .output()
        .split('\n')
        .filter((line) => line.replace('Deleted ', '').startsWith(`${address} `))
        .map((line) => (line.startsWith('Deleted ') ? [] : hopsOf(line))),
  };
}

function hopsOf(route: string): readonly string[] {
  return [...route.matchAll(/via (\S+)/g)].map(([, hop = '']) => hop).toSorted();
}

/**
 * Puts a client, with the addresses 10.8.0.x, behind one more router, which has a smaller MTU
 * towards it, and so has errors by ICMP to tell to the virtual address.
 */
export async function putBehindSmallerMtu(client: Host, access: Host, router: Host): Promise<void> {
  await access.sysctl('net.ipv4.ip_forward', 1);
  for (const name of ['all', 'eth0'])
    await access.sysctl(`net.ipv4.conf.${name}.send_redirects`, 0);
  await access.exec(['ip', 'route', 'add', '10.8.0.0/24', 'dev', 'eth0', 'mtu', 'lock', '1400']);
  await router.exec(['ip', 'route', 'add', '10.8.0.0/24', 'via', access.ipv4]);
  await client.exec(['ip', 'route', 'replace', 'default', 'via', access.ipv4]);
}

const probed = '198.51.100.81';
/** Client ports that the kernel is asked about. */
export const probes: readonly number[] = Array.from({ length: 240 }, (_, index) => 40_000 + index);

/**
 * Gives an address that no director announces a route with these next hops: a plain one, as BIRD
 * makes it, or one over a group that keeps what goes to a hop there (ip-nexthop(8)).
 */
export async function setNextHops(
  router: Host,
  kind: 'plain' | 'resilient',
  hops: readonly string[],
): Promise<void> {
  const id = (hop: string) => hop.split('.').at(-1);
  const lines =
    kind === 'plain'
      ? [`route replace ${probed} ${hops.map((hop) => `nexthop via ${hop}`).join(' ')}`]
      : [
          ...hops.map((hop) => `nexthop replace id ${id(hop)} via ${hop} dev eth1`),
          `nexthop replace id 100 group ${hops.map(id).join('/')} type resilient buckets 64`,
          `route replace ${probed} nhid 100`,
        ];
  await router.exec(['ip', '-batch', '-'], { input: `${lines.join('\n')}\n` });
}

/** The next hop that a router's kernel picks for a connection from each port of `probes`. */
export async function chosenHops(router: Host): Promise<readonly (string | undefined)[]> {
  const lines = probes.map(
    (port) => `route get ${probed} from 10.8.0.20 iif eth0 ipproto tcp sport ${port} dport 80\n`,
  );
  const { stdout } = await router.exec(['ip', '-batch', '-'], { input: lines.join('') });
  return [...stdout.matchAll(/ via (\S+)/g)].map(([, hop]) => hop);
}
