import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { installCommand } from '../support/ha/agents.ts';
import { BOOT, HEARTBEAT, layOutHeartbeat } from '../support/ha/heartbeat.ts';
import { type ClusterNode, createNode } from '../support/ha/node.ts';
import { outageSince } from '../support/ha/outage.ts';
import { openRecipe, startNginx, type WebServer } from '../support/ha/recipe.ts';
import { savedTable } from '../support/ipvsd.ts';
import { type Load, startLoad } from '../support/load.ts';
import { createTopology, type Topology } from '../support/topology.ts';
import { waitUntil } from '../support/wait-until.ts';

const vip = '203.0.113.10';
const gateway = '192.168.1.1';
const client = '203.0.113.50';
const table = [
  `-A -t ${vip}:80 -s rr`,
  `-a -t ${vip}:80 -r 192.168.1.11:80 -m -w 1`,
  `-a -t ${vip}:80 -r 192.168.1.12:80 -m -w 1`,
];
const swap = '/etc/ha.d/resource.d/LVSSyncDaemonSwap';
/** The waiting times of ha.cf, scripts that start Node several times, a slow kernel. */
const takeoverMs = 240_000;

describe("seed 000's page with ipvsd: contrib/examples/two-networks-heartbeat", () => {
  let net: Topology;
  let lb1: ClusterNode;
  let lb2: ClusterNode;
  let webs: readonly WebServer[];
  let load: Load;
  let command: string;

  const waitFor = (what: string, look: () => boolean | Promise<boolean>) =>
    waitUntil(what, takeoverMs, look, async () => `${await debugLog(lb1)}\n${await debugLog(lb2)}`);
  const debugLog = async (node: ClusterNode) =>
    (await readFile(`${net.directory}/nodes/${node.name}/log/ha-debug`, 'utf8')).slice(-6000);
  /** It has both addresses, the whole table, and sends connections; or nothing of these. */
  const isActive = async ({ host }: ClusterNode) => {
    const { stdout } = await host.exec(['ip', '-4', '-o', 'addr', 'show']);
    const sync = (await host.exec(['ipvsadm', '-l', '--daemon'])).stdout;
    return (
      stdout.includes(` ${vip}/24 brd 203.0.113.255 `) &&
      stdout.includes(` ${gateway}/24 `) &&
      sync.startsWith('master sync daemon (mcast=eth1, syncid=1,') &&
      (await savedTable(host)).join() === table.join()
    );
  };
  const isStandby = async ({ host }: ClusterNode) => {
    const { stdout } = await host.exec(['ip', '-4', '-o', 'addr', 'show']);
    const sync = (await host.exec(['ipvsadm', '-l', '--daemon'])).stdout;
    return (
      !stdout.includes(` ${vip}/`) &&
      !stdout.includes(` ${gateway}/`) &&
      sync.startsWith('backup sync daemon (mcast=eth1, syncid=1,') &&
      (await savedTable(host)).length === 0
    );
  };
  const isServed = (sinceMs: number) => outageSince(load.events(), sinceMs).answers >= 5;
  const measure = async (what: string, to: ClusterNode, act: () => Promise<unknown>) => {
    const before = Date.now();
    await act();
    await waitFor(`${what}: ${to.name} active`, () => isActive(to));
    const after = Date.now();
    await waitFor(`${what}: service`, () => isServed(after));
    const { longestMs, failures } = outageSince(load.events(), before);
    console.log(`${what}: ${longestMs} ms without service, ${failures} requests failed`);
  };
  /** What the machine does at its start. */
  const boot = async (node: ClusterNode) => {
    await node.switchOn();
    await node.exec(['sysctl', '-p', '/etc/sysctl.d/90-ipvsd.conf']);
    await node.exec([swap, 'master', 'stop']);
    await node.exec([HEARTBEAT], { timeoutMs: 60_000 });
  };

  before(async () => {
    net = await createTopology({ layout: 'routed', directors: 2, reals: 2 });
    const recipe = openRecipe(net, 'two-networks-heartbeat');
    command = await installCommand(net.directory);
    await recipe.writeDefaults(command);
    await recipe.install({ 'forwarding.sysctl': '/etc/sysctl.d/90-ipvsd.conf' });
    await net.client.addAddress(`${client}/24`);
    const webServer = async (number: 1 | 2) => {
      const made = await recipe.webServer(`web${number}`, `real${number}`, undefined);
      await made.host.addAddress(`192.168.1.1${number}/24`);
      await made.switchOn();
      await made.setPage('index.html', made.name);
      await made.exec([recipe.file('webserver-route')]);
      await made.exec(startNginx);
      return made;
    };
    webs = [await webServer(1), await webServer(2)];
    const director = async (number: 1 | 2) => {
      const options = await recipe.machine(`lb${number}`, `director${number}`, { log: '/var/log' });
      const { host, directory } = options;
      await host.addAddress(`203.0.113.${number + 1}/24`);
      await host.addAddress(`192.168.1.${number + 1}/24`, 'eth1');
      await host.sysctl('net.ipv4.ip_forward', 0);
      const files = ['ha.cf', 'haresources', 'authkeys', 'ldirectord.cf'].map((one) =>
        recipe.file(one),
      );
      const binds = [...options.binds, ...(await layOutHeartbeat(directory, files))];
      return createNode({ ...options, binds, boot: BOOT });
    };
    lb1 = await director(1);
    lb2 = await director(2);
  });
  after(async () => {
    await load?.stop();
    for (const node of [lb1, lb2, ...(webs ?? [])]) await node?.cutPower();
    await net?.teardown();
  });

  it("comes up with lb1 active, and keeps the client's address", async () => {
    await Promise.all([boot(lb1), boot(lb2)]);
    await waitFor('lb1 active', () => isActive(lb1));
    await waitFor('lb2 standby', () => isStandby(lb2));
    load = await startLoad(net.client, { url: `http://${vip}/`, pauseMs: 100, timeoutMs: 1000 });
    await waitFor('service', () => isServed(0));
    const events = load
      .events()
      .flatMap((event) => (event.kind === 'answer' ? [event.server] : []));
    assert.deepEqual([...new Set(events)].sort(), ['web1', 'web2']);
    for (const web of webs) {
      const addresses = (await web.log()).split('\n').map((line) => line.split(' ')[0]);
      assert.deepEqual([...new Set(addresses)], [client]);
    }
  });

  it('has nothing for doctor to mend on the active one', async () => {
    const argv = [command, 'doctor', '/etc/ha.d/ldirectord.cf', '--verbose'];
    const { exitCode, stdout } = await lb1.exec(argv, { allowFailure: true });
    assert.equal(exitCode, 0, stdout);
    assert.match(stdout, /^passed +virtual-address:/m);
  });

  it('moves to lb2 when the plug of lb1 is pulled, and flips back when it returns', async () => {
    await measure('power cut', lb2, () => lb1.cutPower());
    await measure('return', lb1, () => boot(lb1));
    await waitFor('lb2 standby', () => isStandby(lb2));
  });
});
