import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { shownBlock } from '../../man/man-page.ts';
import { savedTable } from '../ipvsd.ts';
import { type Load, startLoad } from '../load.ts';
import { seed004 } from '../seeds.ts';
import type { NginxServer } from '../topology/nginx.ts';
import { createTopology } from '../topology.ts';
import { waitUntil } from '../wait-until.ts';
import { contrib, installCommand } from './agents.ts';
import { createHeartbeatNode, type HeartbeatNode, timing } from './heartbeat.ts';
import { outageSince, serversSince } from './outage.ts';
import { createTakeoverClients, longPage, sessionsCf, sessionsPort } from './takeover-clients.ts';

const vip = '192.168.0.105';
const reals = ['192.168.0.101', '192.168.0.102'] as const;
const file = '/etc/ha.d/ldirectord.cf';
const swap = '/etc/ha.d/resource.d/LVSSyncDaemonSwap';
const sessionsFile = 'sessions.cf';
/** An engine that waits by design, resource scripts one after the other, on a slow kernel. */
const formingMs = timing.initdeadS * 1000 + 240_000;
const takeoverMs = timing.deadtimeS * 1000 + 240_000;

/** What balances on the two nodes. */
export interface Balancer {
  readonly name: 'ipvsd' | 'ldirectord';
  /** Its resource script; the one that the project ships if not given. */
  readonly script?: string;
}

/** What the client sees and the kernel has, in words that are the same for both balancers. */
export interface Wanted {
  /** Weights of the real servers 192.168.0.101 and .102. */
  readonly weights: readonly [number, number];
  /** Whether the fallback page is in service; not if left out. */
  readonly fallback?: boolean;
}

/** Seed 004's two load balancers and two web servers, with a client. */
export interface Seed004Cluster {
  readonly one: HeartbeatNode;
  readonly two: HeartbeatNode;
  /** The web servers, in the order of the file. */
  readonly webs: readonly NginxServer[];
  /** Cuts a node's power and switches it on again, with heartbeat not started yet. */
  reboot(node: HeartbeatNode): Promise<void>;
  /** Starts heartbeat on both, waits until loadb1 serves, and begins to send requests. */
  form(): Promise<void>;
  /** Starts heartbeat on a node and waits until the other one has noticed. */
  join(node: HeartbeatNode, other: HeartbeatNode): Promise<void>;
  /** Waits until a node has the VIP and sends its connections, and clients have answers. */
  takenOver(node: HeartbeatNode): Promise<void>;
  /** Waits until the table of a node is as wanted, and answers come from those in service only. */
  serves(node: HeartbeatNode, wanted: Wanted): Promise<void>;
  /** Seed 004's four looks (chapter 5) at the active node and, if it is on, at the other one. */
  assertSides(active: HeartbeatNode, standby: HeartbeatNode, wanted?: Wanted): Promise<void>;
  /** Exit code and text of `ldirectord ldirectord.cf status`, as the seed calls it on both sides. */
  status(node: HeartbeatNode): Promise<readonly [number | undefined, string]>;
  hasVip(node: HeartbeatNode): Promise<boolean>;
  /** The text of `LVSSyncDaemonSwap ROLE status`. */
  synced(node: HeartbeatNode, role?: string): Promise<string>;
  /**
   * Lets a node take over while clients have connections and sessions, which all have to last.
   * With ldirectord, whose figures are those of the service alone, it does nothing but that.
   */
  takeOver(what: string, by: HeartbeatNode, act: () => Promise<void>): Promise<void>;
  /** Puts ipvsd in the place of an ldirectord that runs there, with the script and the commands of the manual. */
  moveToIpvsd(node: HeartbeatNode): Promise<void>;
  /** Stops heartbeat on a node, which leaves neither VIP nor table there. */
  leave(node: HeartbeatNode): Promise<void>;
  /** What happened to clients since a moment. */
  outage(sinceMs: number): ReturnType<typeof outageSince>;
  teardown(): Promise<void>;
}

/** Builds it, with both nodes switched on and heartbeat started on none. */
export async function createSeed004Cluster({
  name: balancer,
  script,
}: Balancer): Promise<Seed004Cluster> {
  const net = await createTopology({ directors: 2, reals: 2 });
  const command = await installCommand(net.directory);
  // thrown away with all that the test does to the machine
  await writeFile('/etc/default/ipvsd', `IPVSD=${command}\n`);
  await net.client.addAddress('192.168.0.50/24');
  const clients = createTakeoverClients(net.client, vip, '192.168.0');
  const webs: NginxServer[] = [];
  for (const [index, real] of net.reals.entries()) {
    await real.addAddress(`192.168.0.10${index + 1}/24`);
    await real.addAddress(`${vip}/32`, 'lo');
    webs.push(await real.nginx({ pages: { '/ldirector.html': 'Test Page', ...longPage } }));
    await real.nginx({ port: sessionsPort });
  }
  const ldirectordCf = seed004({ vip, reals });
  const directory = `${net.directory}/nodes`;
  await mkdir(directory);
  const switchOn = async (node: HeartbeatNode) => {
    await node.switchOn();
    // as the script asks for, so that a node that was never active receives connections too
    await node.exec([swap, 'master', 'stop']);
    // outside of the cluster, on both: the kernel keeps a session that it was told of only where
    // it has the virtual server
    if (balancer === 'ipvsd') await node.exec([command, sessionsFile, 'start']);
  };
  const createNode = async (name: 'loadb1' | 'loadb2', last: number) => {
    const host = net.host(name === 'loadb1' ? 'director1' : 'director2');
    await host.addAddress(`192.168.0.${last}/24`);
    // the fallback page
    await host.nginx();
    const scripts = script === undefined ? {} : { script };
    const node = await createHeartbeatNode({ name, host, directory, ldirectordCf, ...scripts });
    await writeFile(`${directory}/${name}/ha.d/${sessionsFile}`, sessionsCf(vip, reals));
    await switchOn(node);
    return node;
  };
  const one = await createNode('loadb1', 103);
  const two = await createNode('loadb2', 104);
  let load: Load | undefined;

  const events = () => load?.events() ?? [];
  const logs = () =>
    [one, two]
      .map((node) => `${node.name}:\n${readFileSync(node.logFile, 'utf8').slice(-6000)}`)
      .join('\n');
  const status: Seed004Cluster['status'] = async (node) => {
    const argv = [balancer === 'ipvsd' ? command : balancer, 'ldirectord.cf', 'status'];
    const { exitCode, stdout, stderr } = await node.exec(argv, { allowFailure: true });
    return [exitCode, `${stdout}${stderr}`.replace(/\d+$/, 'N')];
  };
  const synced: Seed004Cluster['synced'] = async (node, role = 'master') =>
    (await node.exec([swap, role, 'status'], { allowFailure: true })).stdout;
  const hasVip = async ({ host }: HeartbeatNode) =>
    (await host.exec(['ip', '-4', 'addr', 'show', 'dev', 'eth0'])).stdout.includes(
      `inet ${vip}/24 brd 192.168.0.255`,
    );
  const lines = async ({ host }: HeartbeatNode) =>
    (await savedTable(host)).filter((line) => !line.includes(`:${sessionsPort} `));
  const hasTable = async (node: HeartbeatNode, wanted: Wanted) =>
    (await lines(node)).sort().join('\n') === [...tableOf(wanted)].sort().join('\n');
  const outage = (sinceMs: number) => outageSince(events(), sinceMs);
  const join: Seed004Cluster['join'] = async (node, other) => {
    await node.startEngine();
    const argv = ['cl_status', 'nodestatus', node.name];
    const isSeen = async () => (await other.exec(argv, { allowFailure: true })).stdout === 'active';
    await waitUntil(`${node.name} is seen`, formingMs, isSeen, logs);
  };
  const activeWithin = (node: HeartbeatNode, timeoutMs: number) =>
    waitUntil(
      `${node.name} is active`,
      timeoutMs,
      async () => (await hasVip(node)) && (await synced(node)).startsWith('master running('),
      logs,
    );
  const answered = async () => {
    const now = Date.now();
    await waitUntil('five answers', 60_000, () => outage(now).answers >= 5, logs);
  };
  return {
    one,
    two,
    webs,
    status,
    hasVip,
    synced,
    outage,
    join,
    takeOver: (what, by, act) => (balancer === 'ipvsd' ? clients.over(what, by.host, act) : act()),
    reboot: async (node) => {
      await node.cutPower();
      // what lives in the network namespace, which a machine that was off has not got any more
      if (await hasVip(node)) await node.host.removeAddress(`${vip}/24`);
      await node.host.exec([command, 'sync', 'stop']);
      await switchOn(node);
    },
    form: async () => {
      await Promise.all([one.startEngine(), two.startEngine()]);
      await activeWithin(one, formingMs);
      load = await startLoad(net.client, { url: `http://${vip}/`, pauseMs: 100, timeoutMs: 2000 });
      await answered();
    },
    takenOver: async (node) => {
      await activeWithin(node, takeoverMs);
      await answered();
    },
    serves: async (node, wanted) => {
      await waitUntil(
        'the table',
        takeoverMs,
        () => hasTable(node, wanted),
        async () => (await lines(node)).join('\n'),
      );
      const inService = serversOf(node, wanted).join();
      const now = Date.now();
      const isSo = () =>
        outage(now).answers >= 5 && serversSince(events(), now).join() === inService;
      await waitUntil(`answers of ${inService}`, 60_000, isSo, () =>
        serversSince(events(), now).join(),
      );
    },
    assertSides: async (active, standby, wanted = { weights: [1, 1] }) => {
      assert.equal(await hasVip(active), true);
      assert.deepEqual(await status(active), [0, `ldirectord for ${file} is running with pid: N`]);
      assert.match(await synced(active), /^master running\(/);
      // the start of ldirectord returns before it has touched the kernel
      await waitUntil('the table', takeoverMs, () => hasTable(active, wanted), logs);
      assert.deepEqual((await lines(active)).sort(), [...tableOf(wanted)].sort());
      if (!standby.isOn()) return;
      assert.equal(await hasVip(standby), false);
      assert.deepEqual(await status(standby), [3, `ldirectord is stopped for ${file}`]);
      assert.equal(await synced(standby), 'master stopped');
      assert.deepEqual(await lines(standby), []);
    },
    moveToIpvsd: async (node) => {
      const ours = path.join(contrib, 'heartbeat/ldirectord');
      await node.exec(['install', '-m', '755', ours, '/etc/ha.d/resource.d/ldirectord']);
      const commands = shownBlock('ipvsd.8', 'CLUSTERS', 'kill -9');
      const script = `PATH=${path.dirname(command)}:$PATH\n${commands}`;
      await node.exec(['sh', '-euc', script], { timeoutMs: 120_000 });
      const argv = [command, 'status', '--monitor', '10', 'ldirectord.cf'];
      assert.match((await node.exec(argv)).stdout, / healthy: /);
    },
    leave: async (node) => {
      await node.stopEngine();
      assert.equal(await hasVip(node), false);
      assert.deepEqual(await lines(node), []);
    },
    teardown: async () => {
      await load?.stop();
      await one.cutPower();
      await two.cutPower();
      await net.teardown();
    },
  };
}

/** As ipvsadm -Sn tells it. */
function tableOf({ weights, fallback = false }: Wanted): readonly string[] {
  return [
    `-A -t ${vip}:80 -s rr`,
    ...weights.map(
      (weight, index) => `-a -t ${vip}:80 -r 192.168.0.10${index + 1}:80 -g -w ${weight}`,
    ),
    ...(fallback ? [`-a -t ${vip}:80 -r 127.0.0.1:80 -g -w 1`] : []),
  ];
}

function serversOf(
  { host }: HeartbeatNode,
  { weights, fallback = false }: Wanted,
): readonly string[] {
  const reals = weights.flatMap((weight, index) => (weight > 0 ? [`real${index + 1}`] : []));
  return [...(fallback ? [host.name] : []), ...reals];
}
