import assert from 'node:assert/strict';
import { appendFile, cp, readFile, writeFile } from 'node:fs/promises';
import { after, afterEach, before, describe, it } from 'node:test';
import { applyMarks, putOnBridge } from '../support/bridged.ts';
import { installCommand } from '../support/ha/agents.ts';
import { connectionsOf } from '../support/ha/connections.ts';
import { type Flow, startFlows } from '../support/ha/flows.ts';
import { BOOT, HEARTBEAT, layOutHeartbeat } from '../support/ha/heartbeat.ts';
import { createKeepalivedNode, type KeepalivedNode } from '../support/ha/keepalived.ts';
import { outageSince, outageText, serversSince } from '../support/ha/outage.ts';
import { openRecipe, type Recipe, startNginx, webFolders } from '../support/ha/recipe.ts';
import { savedTable } from '../support/ipvsd.ts';
import { type Load, runLoad, startLoad } from '../support/load.ts';
import { runCommand } from '../support/topology/host.ts';
import { createTopology, type Topology } from '../support/topology.ts';
import { waitUntil } from '../support/wait-until.ts';

const vip = '192.168.0.99';
const client = '192.168.0.50';
const url = `http://${vip}/`;
const file = '/etc/ha.d/ldirectord.cf';
/** By the names that keepalived.conf and haresources have. */
const addresses = { lb1: '192.168.0.100', lb2: '192.168.0.101' } as const;
type Name = keyof typeof addresses;
/** The waiting times of ha.cf, scripts that start Node several times, a slow kernel. */
const takeoverMs = 240_000;

/** What a director has sent on once has a time to live of 63, and less when it was sent on again. */
const counting = `table bridge seen {
	counter forwarded { }
	counter rounds { }
	chain forward {
		type filter hook forward priority 0; policy accept;
		ip daddr ${vip} ip ttl 63 counter name forwarded
		ip daddr ${vip} ip ttl < 63 counter name rounds
	}
}
`;

/** One of the two ways of the recipe. */
interface Way {
  readonly name: string;
  /** The file that goes to /etc/ha.d/ldirectord.cf. */
  readonly config: string;
  /** The table of the active box with these in service. */
  table(...boxes: readonly Name[]): readonly string[];
  /** And of the box that stands by. */
  standbyTable(...boxes: readonly Name[]): readonly string[];
  /**
   * How often packets may be sent on in a hand-over. A connection that both have balanced, for it
   * began before and was repeated after, goes to and fro with marks, too: what the kernel knows of a
   * connection counts more than the mark.
   */
  readonly handOverRounds: number;
  /** What the start of the machine ends with. */
  start(box: KeepalivedNode, peer: KeepalivedNode): Promise<void>;
}

describe('two boxes that are directors and web servers: contrib/examples/two-boxes', () => {
  let net: Topology;
  let recipe: Recipe;
  let command: string;
  let lb1: KeepalivedNode;
  let lb2: KeepalivedNode;
  let load: Load | undefined;
  /** Packets that were made to go to and fro until now. */
  let roundsBefore = 0;

  const heartbeat: Way = {
    name: 'under heartbeat, with the table on the active one alone',
    config: 'ldirectord.cf',
    table: (...boxes) => [
      `-A -t ${vip}:80 -s rr`,
      ...boxes.map((box) => `-a -t ${vip}:80 -r ${addresses[box]}:80 -g -w 1`),
    ],
    standbyTable: () => [],
    // one gives everything away before the other takes it
    handOverRounds: 0,
    start: async (box) => void (await box.exec([HEARTBEAT], { timeoutMs: 60_000 })),
  };
  const markedTable: Way['table'] = (...boxes) => [
    '-A -f 1 -s rr',
    ...boxes.map((box) => `-a -f 1 -r ${addresses[box]}:0 -g -w 1`),
  ];
  const keepalived: Way = {
    name: 'under keepalived, with the table on both and marks by the source of packets',
    config: 'ldirectord-marks.cf',
    table: markedTable,
    standbyTable: markedTable,
    // ten such packets
    handOverRounds: 620,
    start: async (box, peer) => {
      const nft = (...options: readonly string[]) =>
        box.exec([command, 'nft', file, ...options], { allowFailure: true });
      await applyMarks(box.host, nft, peer.host);
      await box.startEngine();
      // until both have found ipvsd well the address may move once more
      await waitFor(`${box.name} well`, () => box.isWell());
    },
  };

  const waitFor = (what: string, look: () => boolean | Promise<boolean>) =>
    waitUntil(what, takeoverMs, look, logs);
  const logs = async () => {
    const heartbeats = await readFile('/var/log/ha-debug', 'utf8').catch(() => '');
    const tables = await Promise.all([lb1, lb2].map(({ host }) => savedTable(host)));
    return [heartbeats.slice(-6000), lb1.log(), lb2.log(), JSON.stringify(tables)].join('\n');
  };
  const inSwitch = (argv: readonly string[], input = '') =>
    runCommand(['nsenter', '--net=/run/netns/boxes-switch', ...argv], { input });
  const counted = async (counter: 'forwarded' | 'rounds') => {
    const { stdout } = await inSwitch(['nft', 'list', 'counter', 'bridge', 'seen', counter]);
    return Number(/packets (\d+)/.exec(stdout)?.[1]);
  };
  const hasVip = async ({ host }: KeepalivedNode) =>
    (await host.exec(['ip', '-4', '-o', 'addr', 'show', 'dev', 'eth0'])).stdout.includes(
      ` ${vip}/`,
    );
  const hasTable = async ({ host }: KeepalivedNode, table: readonly string[]) =>
    [...(await savedTable(host))].sort().join() === [...table].sort().join();
  /** Requests of the client that the box answered. */
  const answeredBy = async (box: KeepalivedNode) => {
    const argv = ['grep', '-c', `^${client} `, '/var/log/nginx/access.log'];
    return Number((await box.exec(argv, { allowFailure: true })).stdout);
  };
  const answered = async () => (await answeredBy(lb1)) + (await answeredBy(lb2));

  const boot = async (way: Way, box: KeepalivedNode) => {
    await box.switchOn();
    await box.exec([recipe.file('../one-network-keepalived/webserver-address')]);
    await box.exec(startNginx);
    await way.start(box, box === lb1 ? lb2 : lb1);
  };
  /** Cuts the power; what lives in the network namespace, a machine that is off has not got any more. */
  const crash = async (box: KeepalivedNode) => {
    await box.cutPower();
    await box.host.exec(['ip', 'addr', 'flush', 'dev', 'eth0', 'to', vip]);
    await box.host.exec([command, 'sync', 'stop']);
    await box.host.exec(['nft', 'flush', 'ruleset']);
  };
  const bothServe = async (way: Way) => {
    await waitFor('lb1 active', () => hasVip(lb1));
    await waitFor('lb2 standing by', async () => !(await hasVip(lb2)));
    await waitFor('table of lb1', () => hasTable(lb1, way.table('lb1', 'lb2')));
    await waitFor('table of lb2', () => hasTable(lb2, way.standbyTable('lb1', 'lb2')));
    const before = await answered();
    const requests = 40;
    const summary = await runLoad(net.client, { url, requests, timeoutMs: 5000 });
    assert.equal(summary.failures, 0, JSON.stringify(summary));
    assert.deepEqual(Object.keys(summary.servers).sort(), ['lb1', 'lb2']);
    await waitFor('a line in a log for each', async () => (await answered()) - before >= requests);
    assert.equal((await answered()) - before, requests);
  };
  const measure = async (what: string, act: () => Promise<void>, done: () => Promise<unknown>) => {
    const sinceMs = Date.now();
    load = await startLoad(net.client, { url, pauseMs: 100, timeoutMs: 2000 });
    await act();
    await done();
    console.log(`${what}: ${outageText(outageSince(load.events(), sinceMs))}`);
  };

  const describeWay = (way: Way, more: () => void) =>
    describe(way.name, () => {
      before(async () => {
        for (const { name } of [lb1, lb2]) {
          await cp(recipe.file(way.config), `${net.directory}/nodes/${name}/ha.d/ldirectord.cf`);
        }
        await Promise.all([boot(way, lb1), boot(way, lb2)]);
      });
      afterEach(async () => {
        await load?.stop();
        load = undefined;
      });
      after(async () => {
        for (const box of [lb1, lb2]) await crash(box);
      });

      it('has both answer, each request once', async () => {
        await bothServe(way);
        assert.ok((await counted('forwarded')) > 0);
        assert.equal(await counted('rounds'), roundsBefore);
      });

      more();

      it('has lb2 answer everything when the power of lb1 is cut', async () => {
        const flows = await startFlows(net.client, {
          ...{ address: vip, port: 80, longPage: '/long' },
          flows: Array.from({ length: 6 }, (_, index) => ({
            from: client,
            kind: index % 3 === 0 ? 'download' : 'requests',
          })),
        });
        const servers = await connectionsOf(lb1.host);
        const isOfLb2 = ({ client: from }: Flow) => servers.get(from) === `${addresses.lb2}:80`;
        await measure(
          'power cut',
          () => crash(lb1),
          async () => {
            await waitFor('lb2 active', () => hasVip(lb2));
            await waitFor('table of lb2', () => hasTable(lb2, way.table('lb2')));
            const sinceMs = Date.now();
            const begun = () =>
              load?.events().filter((event) => 'atMs' in event && event.atMs >= sinceMs) ?? [];
            await waitFor('20 requests', () => begun().length >= 20);
            assert.deepEqual(
              begun().filter(({ kind }) => kind === 'failure'),
              [],
            );
            assert.deepEqual(serversSince(begun(), sinceMs), ['lb2']);
            // those of lb1 have nobody to answer them any more
            const goesOn = ({ atMs }: Flow) => atMs > sinceMs;
            await waitFor('connections of lb2', () => flows.now().filter(isOfLb2).every(goesOn));
          },
        );
        const living = flows.now().filter(isOfLb2);
        console.log(
          `${living.length} of ${flows.now().length} connections were those of lb2, and go on`,
        );
        assert.ok(living.length > 0);
        assert.equal(await counted('rounds'), roundsBefore);
        await flows.stop();
      });

      it('has both answer again when lb1 returns', async () => {
        await measure(
          'return',
          () => boot(way, lb1),
          () => waitFor('lb1 active', () => hasVip(lb1)),
        );
        await load?.stop();
        await waitFor('lb2 standing by', async () => !(await hasVip(lb2)));
        const rounds = (await counted('rounds')) - roundsBefore;
        console.log(`return: ${rounds} packets sent on more than once`);
        assert.ok(rounds <= way.handOverRounds, String(rounds));
        roundsBefore += rounds;
        await bothServe(way);
        assert.equal(await counted('rounds'), roundsBefore);
      });
    });

  before(async () => {
    net = await createTopology({ name: 'boxes', directors: 2, reals: 0 });
    await inSwitch(['nft', '-f', '-'], counting);
    command = await installCommand(net.directory);
    recipe = openRecipe(net, 'two-boxes');
    await recipe.install({
      '../one-network-keepalived/keepalived.conf': '/etc/keepalived/keepalived.conf',
      '../../keepalived/ipvsd-vrrp': '/etc/keepalived/ipvsd-vrrp',
      '../one-network-keepalived/default': '/etc/default/ipvsd',
    });
    await appendFile('/etc/default/ipvsd', `IPVSD=${command}\n`);
    // connections outlive a takeover, however slow the machine
    const patience = 'send_timeout 1h; keepalive_requests 1000000;\n';
    await writeFile('/etc/nginx/conf.d/patience.conf', patience);
    await net.client.addAddress(`${client}/24`);
    const files = ['ha.cf', 'haresources', '../two-networks-heartbeat/authkeys'].map((one) =>
      recipe.file(one),
    );
    const box = async (name: Name, hostName: string) => {
      const options = await recipe.machine(name, hostName, webFolders);
      const { host, directory } = options;
      await putOnBridge(host);
      await host.addAddress(`${addresses[name]}/24`);
      await cp(
        recipe.file('../one-network-keepalived/webfarm.nginx'),
        `${directory}/sites/webfarm`,
      );
      await writeFile(`${directory}/www/index.html`, name);
      await writeFile(`${directory}/www/check.txt`, '');
      await writeFile(`${directory}/www/long`, 'x'.repeat(16 << 20));
      const binds = [...options.binds, ...(await layOutHeartbeat(directory, files))];
      return createKeepalivedNode({ ...options, binds, boot: BOOT });
    };
    lb1 = await box('lb1', 'director1');
    lb2 = await box('lb2', 'director2');
  });
  after(() => net?.teardown());

  void describeWay(heartbeat, () => {
    it('would send packets to and fro if the other box had the table, too', async () => {
      await lb2.exec([command, file, 'start']);
      const { failures } = await runLoad(net.client, { url, requests: 20, timeoutMs: 500 });
      await lb2.exec([command, file, 'stop']);
      roundsBefore = await counted('rounds');
      console.log(
        `${failures} of 20 requests lost, ${roundsBefore} packets sent on more than once`,
      );
      assert.ok(failures > 0 && roundsBefore > 20 * failures);
    });
  });
  // kernel/two-node has what happens without the marks
  void describeWay(keepalived, () => undefined);
});
