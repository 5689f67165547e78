import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { KeepalivedNode } from '../support/ha/keepalived.ts';
import {
  addresses,
  createKeepalivedDirectors,
  type KeepalivedDirectors,
} from '../support/ha/keepalived-directors.ts';
import { outageSince } from '../support/ha/outage.ts';
import { savedTable } from '../support/ipvsd.ts';
import { type Load, startLoad } from '../support/load.ts';

const { vip } = addresses;
const table = [
  `-A -t ${vip}:80 -s wlc -p 50`,
  `-a -t ${vip}:80 -r 192.168.0.12:80 -m -w 20`,
  `-a -t ${vip}:80 -r 192.168.0.13:80 -m -w 8`,
];

describe("seed 002's two load balancers under keepalived's VRRP, by contrib/keepalived", () => {
  let cluster: KeepalivedDirectors;
  let one: KeepalivedNode;
  let two: KeepalivedNode;
  let load: Load;

  const isServed = (sinceMs: number) => outageSince(load.events(), sinceMs).answers >= 5;
  /** Both have the whole table whoever is the master, and say so. */
  const assertRoles = async (master: KeepalivedNode, backup: KeepalivedNode) => {
    await cluster.waitFor(`${master.name} master`, () => cluster.isMaster(master));
    await cluster.waitFor(`${backup.name} backup`, () => cluster.isBackup(backup));
    for (const node of [master, backup]) {
      const { stdout } = await node.exec([cluster.command, 'status']);
      assert.match(stdout, new RegExp(`^tcp ${vip}:80 wlc .*2 of 2 up$`, 'm'));
      const role = node === master ? 'master' : 'backup';
      assert.match(stdout, new RegExp(`^sync   ${role} on eth1  syncid 51 `, 'm'));
      assert.deepEqual(await savedTable(node.host), table);
    }
  };
  /** Does something to the master, and prints what clients saw until the other one serves. */
  const measure = async (what: string, act: () => Promise<void>) => {
    const before = Date.now();
    await act();
    await cluster.waitFor(`${what}: lb2 master`, () => cluster.isMaster(two));
    const after = Date.now();
    await cluster.waitFor(`${what}: service`, () => isServed(after));
    const { longestMs, failures } = outageSince(load.events(), before);
    console.log(`${what}: ${longestMs} ms without service, ${failures} requests failed`);
  };
  /** lb1 has the higher priority. */
  const takesBack = async (act: () => Promise<void>) => {
    await measureBack(act);
    await assertRoles(one, two);
  };
  const measureBack = async (act: () => Promise<void>) => {
    const before = Date.now();
    await act();
    await cluster.waitFor('lb1 master again', () => cluster.isMaster(one));
    const after = Date.now();
    await cluster.waitFor('service', () => isServed(after));
    const { longestMs, failures } = outageSince(load.events(), before);
    console.log(`lb1 takes back: ${longestMs} ms without service, ${failures} requests failed`);
  };

  before(async () => {
    cluster = await createKeepalivedDirectors();
    [one, two] = [cluster.lb1, cluster.lb2];
    for (const real of cluster.net.reals) await real.nginx();
  });
  after(async () => {
    await load?.stop();
    await cluster?.teardown();
  });

  it('comes up: the scripts start ipvsd on both, lb1 is the master', async () => {
    await Promise.all([one.startEngine(), two.startEngine()]);
    await cluster.waitFor('table on lb1', async () => (await savedTable(one.host)).length === 3);
    await cluster.waitFor('table on lb2', async () => (await savedTable(two.host)).length === 3);
    await assertRoles(one, two);
    const url = `http://${vip}/`;
    load = await startLoad(cluster.net.client, { url, pauseMs: 100, timeoutMs: 1000 });
    await cluster.waitFor('service', () => isServed(0));
  });

  it('moves to lb2 when keepalived is stopped on lb1, and back when it is started', async () => {
    await measure('keepalived stopped', () => one.stopEngine());
    await assertRoles(two, one);
    await takesBack(() => one.startEngine());
  });

  it('moves to lb2 when keepalived is killed on lb1, which keeps the addresses', async () => {
    await measure('keepalived killed', () => one.killEngine());
    assert.equal(await cluster.isMaster(one), true);
    await takesBack(() => one.startEngine());
  });

  it('moves to lb2 when an interface of lb1 goes down, and back when it is there', async () => {
    await measure('interface down', async () => {
      await one.host.exec(['ip', 'link', 'set', 'eth0', 'down']);
    });
    await assertRoles(two, one);
    await takesBack(async () => {
      await one.host.exec(['ip', 'link', 'set', 'eth0', 'up']);
    });
  });

  it('moves to lb2 when ipvsd is killed on lb1, starts it again, and moves back', async () => {
    const pid = async () =>
      (await one.exec(['cat', '/run/ldirectord.ldirectord.cf.pid'])).stdout.trim();
    const killed = await pid();
    await measure('ipvsd killed', async () => {
      await one.exec(['kill', '-9', killed]);
    });
    await cluster.waitFor('another daemon', async () => (await pid()) !== killed);
    await assertRoles(one, two);
  });
});
