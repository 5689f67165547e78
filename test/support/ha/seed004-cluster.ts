import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Load, startLoad } from '../load.ts';
import { seed004 } from '../seeds.ts';
import { createTopology, type Topology } from '../topology.ts';
import { installCommand } from './agents.ts';
import { createHeartbeatNode, type HeartbeatNode, timing } from './heartbeat.ts';
import { outageSince } from './outage.ts';

const vip = '192.168.0.105';
const url = `http://${vip}/`;
const swap = '/etc/ha.d/resource.d/LVSSyncDaemonSwap';
/** An engine that waits by design, resource scripts one after the other, on a slow kernel. */
const formingMs = timing.initdeadS * 1000 + 90_000;
const takeoverMs = timing.deadtimeS * 1000 + 90_000;

/** What balances on the two nodes. */
export interface Balancer {
  readonly name: 'ipvsd' | 'ldirectord';
  /** Its resource script; the one that the project ships if not given. */
  readonly script?: string;
}

/**
 * Seed 004's two load balancers, with traffic the whole time: heartbeat is stopped on the active
 * one, comes back, and the power of the other one is cut. Prints the time without service.
 */
export function describeSeed004Cluster({ name: balancer, script }: Balancer): void {
  describe(`seed 004's two load balancers under heartbeat, with ${balancer}`, () => {
    let net: Topology;
    let one: HeartbeatNode;
    let two: HeartbeatNode;
    let load: Load;
    let command: string;

    /** Exit code and text of `ldirectord ldirectord.cf status`, as the seed calls it on both sides. */
    const status = async (node: HeartbeatNode) => {
      const argv = [balancer === 'ipvsd' ? command : balancer, 'ldirectord.cf', 'status'];
      const { exitCode, stdout, stderr } = await node.exec(argv, { allowFailure: true });
      return [exitCode, `${stdout}${stderr}`.replace(/\d+$/, 'N')] as const;
    };
    const synced = async (node: HeartbeatNode) =>
      (await node.exec([swap, 'master', 'status'], { allowFailure: true })).stdout;
    const hasVip = async (node: HeartbeatNode) =>
      (await node.host.exec(['ip', '-4', 'addr', 'show', 'dev', 'eth0'])).stdout.includes(
        `inet ${vip}/24 brd 192.168.0.255`,
      );
    const lines = async (node: HeartbeatNode) =>
      (await node.host.exec(['ipvsadm', '-Sn'])).stdout.split('\n').filter((line) => line !== '');
    const waitFor = async (what: string, timeoutMs: number, look: () => Promise<boolean>) => {
      const deadline = performance.now() + timeoutMs;
      while (!(await look())) {
        if (performance.now() > deadline)
          assert.fail(`${what}: not within ${timeoutMs} ms\n${logs()}`);
        await sleep(500);
      }
    };
    const logs = () =>
      [one, two]
        .map(({ name, logFile }) => `${name}:\n${readFileSync(logFile, 'utf8').slice(-6000)}`)
        .join('\n');
    const isActive = async (node: HeartbeatNode) =>
      (await hasVip(node)) && (await synced(node)).startsWith('master running(');
    const assertActive = async (active: HeartbeatNode, standby: HeartbeatNode) => {
      const file = '/etc/ha.d/ldirectord.cf';
      assert.deepEqual(await status(active), [0, `ldirectord for ${file} is running with pid: N`]);
      assert.match(await synced(active), /^master running\(/);
      const table = [
        `-A -t ${vip}:80 -s rr`,
        `-a -t ${vip}:80 -r 192.168.0.101:80 -g -w 1`,
        `-a -t ${vip}:80 -r 192.168.0.102:80 -g -w 1`,
      ].join();
      if (balancer === 'ldirectord') {
        // its start returns before it has touched the kernel
        await waitFor('table', takeoverMs, async () => (await lines(active)).join() === table);
      }
      assert.equal((await lines(active)).join(), table);
      if (!standby.isOn()) return;
      assert.equal(await hasVip(standby), false);
      assert.deepEqual(await status(standby), [3, `ldirectord is stopped for ${file}`]);
      assert.equal(await synced(standby), 'master stopped');
      assert.deepEqual(await lines(standby), []);
    };
    /** Does something to the active node, and says what clients saw until the other one serves. */
    const measure = async (what: string, to: HeartbeatNode, act: () => Promise<void>) => {
      const before = Date.now();
      await act();
      await waitFor(`${what}: ${to.name} active`, takeoverMs, () => isActive(to));
      await answersSince(Date.now());
      const { longestMs, failures } = outageSince(load.events(), before);
      console.log(
        `${balancer}, ${what}: ${longestMs} ms without service, ${failures} requests failed`,
      );
      return longestMs;
    };
    /** Waits until clients are served again. */
    const answersSince = async (sinceMs: number) => {
      const deadline = Date.now() + 20_000;
      while (outageSince(load.events(), sinceMs).answers < 5) {
        assert.ok(Date.now() < deadline, `no service\n${logs()}`);
        await sleep(200);
      }
    };

    before(async () => {
      net = await createTopology({ directors: 2, reals: 2 });
      command = await installCommand(net.directory);
      // thrown away with all that the test does to the machine
      await writeFile('/etc/default/ipvsd', `IPVSD=${command}\n`);
      await net.client.addAddress('192.168.0.50/24');
      for (const [index, real] of net.reals.entries()) {
        await real.addAddress(`192.168.0.10${index + 1}/24`);
        await real.addAddress(`${vip}/32`, 'lo');
        await real.nginx({ pages: { '/ldirector.html': 'Test Page' } });
      }
      const ldirectordCf = seed004({ vip, reals: ['192.168.0.101', '192.168.0.102'] });
      await mkdir(`${net.directory}/nodes`);
      const node = async (name: 'loadb1' | 'loadb2', last: number) => {
        const host = net.host(name === 'loadb1' ? 'director1' : 'director2');
        await host.addAddress(`192.168.0.${last}/24`);
        const directory = `${net.directory}/nodes`;
        const made = await createHeartbeatNode({
          name,
          host,
          directory,
          ldirectordCf,
          ...(script === undefined ? {} : { script }),
        });
        await made.switchOn();
        // as the script asks for, so that a node that was never active receives connections too
        await made.exec([swap, 'master', 'stop']);
        return made;
      };
      one = await node('loadb1', 103);
      two = await node('loadb2', 104);
    });
    after(async () => {
      await load?.stop();
      await one?.cutPower();
      await two?.cutPower();
      await net?.teardown();
    });

    it('comes up with loadb1 active and loadb2 standing by', async () => {
      await Promise.all([one.startEngine(), two.startEngine()]);
      await waitFor('loadb1 active', formingMs, () => isActive(one));
      await assertActive(one, two);
      load = await startLoad(net.client, { url, pauseMs: 100, timeoutMs: 1000 });
      await answersSince(Date.now() - 1000);
      const { stdout } = await two.exec([command, 'sync', 'status', 'backup']);
      assert.match(stdout, /^backup running\(interface eth0,/);
    });

    it('moves everything to loadb2 when heartbeat is stopped on loadb1', async () => {
      await measure('heartbeat stopped', two, () => one.stopEngine());
      await assertActive(two, one);
    });

    it('leaves it there when heartbeat comes back on loadb1 (auto_failback off)', async () => {
      const before = Date.now();
      await one.startEngine();
      const nodeStatus = async () =>
        (await two.exec(['cl_status', 'nodestatus', 'loadb1'], { allowFailure: true })).stdout;
      await waitFor('loadb1 seen', formingMs, async () => (await nodeStatus()) === 'active');
      await sleep(timing.deadtimeS * 1000);
      await assertActive(two, one);
      assert.equal(outageSince(load.events(), before).failures, 0);
    });

    it('moves everything back to loadb1 when the power of loadb2 is cut', async () => {
      await measure('power cut', one, () => two.cutPower());
      await assertActive(one, two);
    });
  });
}
