import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { savedTable } from '../ipvsd.ts';
import { type Load, startLoad } from '../load.ts';
import { seed004 } from '../seeds.ts';
import type { NginxServer } from '../topology/nginx.ts';
import { createTopology } from '../topology.ts';
import { waitUntil } from '../wait-until.ts';
import { installAgents } from './agents.ts';
import { type Outage, outageSince, outageText } from './outage.ts';
import { createPacemakerNode, type PacemakerNode } from './pacemaker.ts';
import { createTakeoverClients, longPage, sessionsCf, sessionsPort } from './takeover-clients.ts';

const vip = '10.9.0.200';
const secondVip = '10.9.0.201';
const reals = ['10.9.0.101', '10.9.0.102'] as const;
const config = '/etc/ha.d/cluster.cf';
const second = '/etc/ha.d/second.cf';
const sessions = '/etc/ha.d/sessions.cf';

export const formingMs = 480_000;
export const takeoverMs = 240_000;
const crmMs = 180_000;

/** Seconds between two looks of the engine at ipvsd, the same at each depth but one: they differ. */
const intervals = { 0: 10, 10: 13, 20: 17 } as const;
/** So long it takes until each depth has had its turn twice. */
export const twoRoundsMs = intervals[20] * 2000;

/** Two directors under corosync and Pacemaker, two web servers and a client. */
export interface PacemakerCluster {
  /** The two nodes. */
  readonly alpha: PacemakerNode;
  readonly beta: PacemakerNode;
  readonly webs: readonly NginxServer[];
  /** The table of the file, as ipvsadm -Sn prints it. */
  readonly table: readonly string[];
  /** And of the file of the second resource. */
  readonly secondTable: readonly string[];
  /** Calls crmsh. @returns what it printed. */
  crm(node: PacemakerNode, ...words: readonly string[]): Promise<string>;
  /** Gives the engine its resources, in the words of `crm configure`. */
  configure(node: PacemakerNode): Promise<void>;
  /** Calls ipvsd on a node, for the file of the resource. */
  ipvsd(node: PacemakerNode, action: string): Promise<number | undefined>;
  /** Writes a node's own copy of the file anew, `undefined` as it was. */
  writeConfig(node: PacemakerNode, change?: (text: string) => string): Promise<void>;
  /** What crm_mon shows. */
  monitor(node: PacemakerNode): Promise<string>;
  /** The tables of the two resources. */
  lines(node: PacemakerNode): Promise<readonly string[]>;
  hasVip(node: PacemakerNode): Promise<boolean>;
  /** Whether it has the VIP and the whole table. */
  isActive(node: PacemakerNode): Promise<boolean>;
  daemonPid(node: PacemakerNode): Promise<string>;
  /** Whether connections are sent and received there. */
  isSynced(node: PacemakerNode): Promise<boolean>;
  waitFor(what: string, timeoutMs: number, look: () => Promise<boolean>): Promise<void>;
  /** No action failed, no node is lost, nothing is stuck. */
  assertNoFailures(node: PacemakerNode): Promise<void>;
  /** Cuts a node's power and switches it on again, with no engine started yet. */
  reboot(node: PacemakerNode): Promise<void>;
  /** Lets the client send requests from now on. */
  startLoad(): Promise<void>;
  /** Waits until clients have answers. */
  served(): Promise<void>;
  /** Lets a node take over while clients have connections and sessions, which all have to last. */
  takeOver(what: string, by: PacemakerNode, act: () => Promise<void>): Promise<void>;
  /** Prints what clients saw since a moment. */
  report(what: string, sinceMs: number): Outage;
  teardown(): Promise<void>;
}

/** Builds it, with both nodes switched on and no engine started. */
export async function createPacemakerCluster(): Promise<PacemakerCluster> {
  const net = await createTopology({ directors: 2, reals: 2 });
  const agents = await installAgents(net.directory);
  const clients = createTakeoverClients(net.client, vip, '10.9.0');
  const webs: NginxServer[] = [];
  for (const real of net.reals) {
    for (const address of [vip, secondVip]) await real.addAddress(`${address}/32`, 'lo');
    webs.push(await real.nginx({ pages: { '/ldirector.html': 'Test Page', ...longPage } }));
    await real.nginx({ port: sessionsPort });
  }
  const good = seed004({ vip, reals });
  const hosts = { alpha: net.host('director1'), beta: net.host('director2') };
  const directory = `${net.directory}/nodes`;
  await mkdir(directory);
  const createNode = async (name: 'alpha' | 'beta') => {
    const files = {
      'cluster.cf': good,
      'second.cf': seed004({ vip: secondVip, reals }),
      'sessions.cf': sessionsCf(vip, reals),
    };
    const { ocfRoot } = agents;
    const node = await createPacemakerNode({ name, hosts, directory, ocfRoot, files });
    await node.switchOn();
    return node;
  };
  const alpha = await createNode('alpha');
  const beta = await createNode('beta');
  let load: Load | undefined;

  const events = () => load?.events() ?? [];
  const table = tableOf(vip);
  const monitor = async (node: PacemakerNode) =>
    (await node.exec(['crm_mon', '-1', '-n', '--failcounts'], { allowFailure: true })).stdout;
  const lines = async ({ host }: PacemakerNode) =>
    (await savedTable(host)).filter((line) => !line.includes(`:${sessionsPort} `));
  const hasVip = async ({ host }: PacemakerNode) =>
    (await host.exec(['ip', '-4', 'addr', 'show', 'dev', 'eth0'])).stdout.includes(`inet ${vip}/`);
  const crm: PacemakerCluster['crm'] = async (node, ...words) =>
    (await node.exec(['crm', ...words], { timeoutMs: crmMs })).stdout;
  const waitFor: PacemakerCluster['waitFor'] = async (what, timeoutMs, look) => {
    const details = async () => {
      const seen = await Promise.all([alpha, beta].filter((node) => node.isOn()).map(monitor));
      return [...seen, logsOf(alpha), logsOf(beta)].join('\n');
    };
    await waitUntil(what, timeoutMs, slowly(look), details);
  };
  return {
    alpha,
    beta,
    webs,
    table,
    secondTable: tableOf(secondVip),
    crm,
    configure: async (node) => {
      const file = `${net.directory}/cluster.crm`;
      await writeFile(file, resources(agents.command));
      await crm(node, 'configure', 'load', 'update', file);
    },
    ipvsd: async (node, action) =>
      (await node.exec([agents.command, config, action], { allowFailure: true })).exitCode,
    writeConfig: (node, change = (text) => text) =>
      writeFile(`${directory}/${node.name}/ha.d/cluster.cf`, change(good)),
    monitor,
    lines,
    hasVip,
    isActive: async (node) => (await hasVip(node)) && (await lines(node)).join() === table.join(),
    daemonPid: async (node) =>
      (await node.exec(['cat', '/run/ldirectord.cluster.cf.pid'], { allowFailure: true })).stdout,
    isSynced: async (node) => {
      const argv = [agents.command, 'sync', 'status', 'both'];
      return (await node.exec(argv, { allowFailure: true })).exitCode === 0;
    },
    waitFor,
    assertNoFailures: async (node) => {
      const text = await monitor(node);
      assert.doesNotMatch(text, /Failed Resource Actions|UNCLEAN|blocked|fail-count/, text);
    },
    reboot: async (node) => {
      await node.cutPower();
      // what lives in the network namespace, which a machine that was off has not got any more
      if (await hasVip(node)) await node.host.removeAddress(`${vip}/32`);
      await node.host.exec([agents.command, 'sync', 'stop']);
      await node.switchOn();
    },
    startLoad: async () => {
      load = await startLoad(net.client, { url: `http://${vip}/`, pauseMs: 100, timeoutMs: 2000 });
    },
    served: async () => {
      const now = Date.now();
      await waitUntil('service', 60_000, () => outageSince(events(), now).answers >= 5);
    },
    takeOver: async (what, by, act) => {
      await waitFor('sessions on both', takeoverMs, () => clients.isReady(by.host));
      await clients.over(what, by.host, act);
    },
    report: (what, sinceMs) => {
      const outage = outageSince(events(), sinceMs);
      console.log(`${what}: ${outageText(outage)}`);
      return outage;
    },
    teardown: async () => {
      await load?.stop();
      await alpha.cutPower();
      await beta.cutPower();
      await net.teardown();
    },
  };
}

/**
 * A node that fails a start or a stop shall be seen, not hidden: nothing is fenced. One failure is
 * enough to move, and what has moved stays where it is. The second file is the drop-in's.
 * The third is on both nodes all the time: the kernel keeps a session that it was told of only where
 * it has the virtual server.
 */
function resources(program: string): string {
  const times = 'op start timeout=90 interval=0 op stop timeout=90 interval=0';
  const depths = Object.entries(intervals).map(
    ([depth, seconds]) => `op monitor timeout=60 interval=${seconds} OCF_CHECK_LEVEL=${depth}`,
  );
  return `property stonith-enabled=false no-quorum-policy=ignore
rsc_defaults resource-stickiness=100
primitive lb ocf:ipvsd:ipvsd params config=${config} program=${program} \\
  ${times} ${depths.join(' ')} meta migration-threshold=1
primitive lb2 ocf:heartbeat:ldirectord params configfile=${second} ldirectord=${program} \\
  ${times} op monitor timeout=60 interval=11 meta target-role=Stopped
primitive sessions ocf:ipvsd:ipvsd params config=${sessions} program=${program} \\
  ${times} op monitor timeout=60 interval=47
primitive vip ocf:heartbeat:IPaddr2 params ip=${vip} cidr_netmask=32 nic=eth0 \\
  ${times} op monitor timeout=60 interval=30
primitive sync ocf:ipvsd:ipvs-sync params syncid=7 program=${program} \\
  ${times} op monitor timeout=60 interval=60
group director lb vip
clone sync-everywhere sync
clone sessions-everywhere sessions
colocation director-with-sessions inf: director sessions-everywhere
colocation together inf: lb2 director
`;
}

function tableOf(address: string): readonly string[] {
  return [
    `-A -t ${address}:80 -s rr`,
    ...reals.map((real) => `-a -t ${address}:80 -r ${real}:80 -g -w 1`),
  ];
}

/** Each look is several processes, and the engines shall have the machine. */
function slowly(look: () => Promise<boolean>): () => Promise<boolean> {
  let first = true;
  return async () => {
    if (!first) await sleep(900);
    first = false;
    return look();
  };
}

function logsOf({ name, logFile }: PacemakerNode): string {
  const text = existsSync(logFile) ? readFileSync(logFile, 'utf8') : '';
  const telling = text.split('\n').filter((line) => /notice:|warning:|error:/.test(line));
  return [`${name}:`, ...telling.slice(-40)].join('\n');
}
