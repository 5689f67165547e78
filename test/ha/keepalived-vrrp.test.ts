import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { contrib } from '../support/ha/agents.ts';
import type { KeepalivedNode } from '../support/ha/keepalived.ts';
import {
  addresses,
  createKeepalivedDirectors,
  type KeepalivedDirectors,
} from '../support/ha/keepalived-directors.ts';
import { outageSince } from '../support/ha/outage.ts';
import { shellcheck } from '../support/ha/shellcheck.ts';
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
      const hasTable = async () => (await savedTable(node.host)).join() === table.join();
      await cluster.waitFor(`table of ${node.name}`, hasTable);
      const { stdout } = await node.exec([cluster.command, 'status']);
      assert.match(stdout, new RegExp(`^tcp ${vip}:80 wlc .*2 of 2 up$`, 'm'));
      const [role, sync] = node === master ? ['active', 'master'] : ['standby', 'backup'];
      assert.match(stdout, new RegExp(`^sync   ${sync} on eth1  syncid 51 `, 'm'));
      const ask = [cluster.command, 'role', '/etc/ha.d/ldirectord.cf'];
      await cluster.waitFor(`${node.name} ${role}`, async () => {
        return (await node.exec(ask)).stdout === role;
      });
    }
  };
  /** Does something, and prints what clients saw until `to` serves them. */
  const measure = async (what: string, to: KeepalivedNode, act: () => Promise<unknown>) => {
    const before = Date.now();
    await act();
    await cluster.waitFor(`${what}: ${to.name} master`, () => cluster.isMaster(to));
    const after = Date.now();
    await cluster.waitFor(`${what}: service`, () => isServed(after));
    const { longestMs, failures } = outageSince(load.events(), before);
    console.log(
      `${what}, to ${to.name}: ${longestMs} ms without service, ${failures} requests failed`,
    );
  };
  /** lb1 has the higher priority. */
  const takesBack = (what: string, act: () => Promise<unknown>) => measure(what, one, act);

  before(async () => {
    cluster = await createKeepalivedDirectors();
    [one, two] = [cluster.lb1, cluster.lb2];
    for (const real of cluster.net.reals) await real.nginx();
  });
  after(async () => {
    await load?.stop();
    await cluster?.teardown();
  });

  it('has scripts that please shellcheck', async () => {
    const scripts = [
      'keepalived/ipvsd-vrrp',
      'examples/one-network-keepalived/webserver-address',
      'examples/two-networks-heartbeat/webserver-route',
    ].map((name) => path.join(contrib, name));
    await shellcheck(scripts);
  });

  it('comes up: the scripts start ipvsd on both, lb1 is the master', async () => {
    await Promise.all([one.startEngine(), two.startEngine()]);
    await cluster.waitFor('table on lb1', async () => (await savedTable(one.host)).length === 3);
    await cluster.waitFor('table on lb2', async () => (await savedTable(two.host)).length === 3);
    // until both have found ipvsd well the addresses may move once more
    for (const node of [one, two]) await cluster.waitFor(`${node.name} well`, () => node.isWell());
    await assertRoles(one, two);
    const url = `http://${vip}/`;
    load = await startLoad(cluster.net.client, { url, pauseMs: 100, timeoutMs: 1000 });
    await cluster.waitFor('service', () => isServed(0));
  });

  it('moves to lb2 when keepalived is stopped on lb1, and back when it is started', async () => {
    await measure('keepalived stopped', two, () => one.stopEngine());
    await assertRoles(two, one);
    await takesBack('keepalived started', () => one.startEngine());
    await assertRoles(one, two);
  });

  it('moves to lb2 when keepalived is killed on lb1, which keeps the addresses', async () => {
    await measure('keepalived killed', two, () => one.killEngine());
    assert.equal(await cluster.isMaster(one), true);
    await one.startEngine();
    await cluster.waitFor('lb2 backup', () => cluster.isBackup(two));
    await cluster.waitFor('lb1 master', () => cluster.isMaster(one));
  });

  it('moves to lb2 when an interface of lb1 goes down, and back when it is there', async () => {
    const setLink = (state: string) => one.host.exec(['ip', 'link', 'set', 'eth0', state]);
    await measure('interface down', two, () => setLink('down'));
    await assertRoles(two, one);
    await takesBack('interface up', () => setLink('up'));
    await cluster.waitFor('lb2 backup', () => cluster.isBackup(two));
  });

  const pidOf = async (node: KeepalivedNode) => {
    const cat = ['cat', '/run/ldirectord.ldirectord.cf.pid'];
    return (await node.exec(cat, { allowFailure: true })).stdout;
  };
  const waitForAnother = (node: KeepalivedNode, before: string) =>
    cluster.waitFor(`another daemon on ${node.name}`, async () => {
      return !['', before].includes(await pidOf(node));
    });

  it('starts ipvsd again where it was killed, on the backup and on the master', async () => {
    for (const node of [two, one]) {
      const killed = await pidOf(node);
      const before = Date.now();
      await node.exec(['kill', '-9', killed]);
      await waitForAnother(node, killed);
      console.log(`killed on ${node.name}: another after ${Date.now() - before} ms`);
      await assertRoles(one, two);
    }
  });

  it('moves to lb2 when ipvsd hangs on lb1, ends it, starts it again, and moves back', async () => {
    const hanging = await pidOf(one);
    await measure('ipvsd hangs', two, () => one.exec(['kill', '-STOP', hanging]));
    await waitForAnother(one, hanging);
    await assertRoles(one, two);
  });
});
