import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { PacemakerNode } from '../support/ha/pacemaker.ts';
import {
  createPacemakerCluster,
  formingMs,
  type PacemakerCluster,
  takeoverMs,
  twoRoundsMs,
} from '../support/ha/pacemaker-cluster.ts';

describe('two directors under corosync and Pacemaker', () => {
  let cluster: PacemakerCluster;
  /** Where everything runs, and the other one. */
  let active: PacemakerNode;
  let standby: PacemakerNode;

  /** Does something, and waits until the other node serves; the two then change their names. */
  const moves = async (what: string, act: () => Promise<unknown>) => {
    const sinceMs = Date.now();
    await act();
    await cluster.waitFor(`${what}: moved`, takeoverMs, () => cluster.isActive(standby));
    await cluster.served();
    cluster.report(what, sinceMs);
    [active, standby] = [standby, active];
  };
  /** The node that was left is clean, which is more than not failed: its stop left nothing. */
  const leftNothing = async () => {
    await cluster.waitFor('left', takeoverMs, async () => !(await cluster.hasVip(standby)));
    assert.deepEqual(await cluster.lines(standby), []);
    assert.doesNotMatch(await cluster.monitor(active), /stop on|UNCLEAN|blocked/);
  };
  const cleanUp = async () => {
    await cluster.crm(active, 'resource', 'cleanup', 'lb');
    await cluster.waitFor('no failure', takeoverMs, async () => {
      return !/fail-count|Failed Resource/.test(await cluster.monitor(active));
    });
    await cluster.assertNoFailures(active);
    await cluster.waitFor('active', takeoverMs, () => cluster.isActive(active));
  };

  before(async () => {
    cluster = await createPacemakerCluster();
    ({ alpha: active, beta: standby } = cluster);
  });
  after(() => cluster?.teardown());

  it('forms, and starts everything on one of them', async () => {
    await Promise.all([active.startEngine(), standby.startEngine()]);
    const online = /Node alpha: online[\s\S]*Node beta: online/;
    await cluster.waitFor('both online', formingMs, async () =>
      online.test(await cluster.monitor(active)),
    );
    await cluster.configure(active);
    await cluster.waitFor('one active', takeoverMs, async () => {
      return (await cluster.isActive(active)) || cluster.isActive(standby);
    });
    if (await cluster.isActive(standby)) [active, standby] = [standby, active];
    assert.deepEqual(await cluster.lines(standby), []);
    assert.equal(await cluster.hasVip(standby), false);
    await cluster.startLoad();
    await cluster.served();
    for (const node of [active, standby]) {
      await cluster.waitFor('sync', takeoverMs, () => cluster.isSynced(node));
    }
    await cluster.assertNoFailures(active);
  });

  it('moves to the other node when one goes to standby', async () => {
    // what `crm node standby` calls in the end; that one says nothing when it does nothing
    const setStandby = (value: 'on' | 'off') =>
      cluster.alpha.exec(['crm_standby', '-N', left.name, '-v', value]);
    const left = active;
    await cluster.takeOver('standby', standby, () => moves('standby', () => setStandby('on')));
    await leftNothing();
    await cluster.assertNoFailures(active);
    await setStandby('off');
  });

  it('finds a killed daemon, moves, and cleans up after it', async () => {
    const killed = await cluster.daemonPid(active);
    const kill = () => active.exec(['kill', '-9', killed]);
    await cluster.takeOver('kill -9 of the daemon', standby, () =>
      moves('kill -9 of the daemon', kill),
    );
    assert.match(
      await cluster.monitor(active),
      /lb 1\ds-interval monitor on \w+ returned 'not running'/,
    );
    await leftNothing();
    await cleanUp();
  });

  it('leaves ipvsd to its operator in maintenance mode, and nothing is lost', async () => {
    const sinceMs = Date.now();
    await cluster.crm(active, 'configure', 'property', 'maintenance-mode=true');
    const unmanaged = /lb\s.*\((?:unmanaged|maintenance)|(?:unmanaged|maintenance)/;
    await cluster.waitFor('maintenance', takeoverMs, async () =>
      unmanaged.test(await cluster.monitor(active)),
    );
    // its monitors end a moment later
    await active.exec(['crm_resource', '--wait'], { timeoutMs: takeoverMs });
    // the services of this daemon stay in the kernel when it stops
    await cluster.writeConfig(active, (text) => `cleanstop=no\n${text}`);
    assert.equal(await cluster.ipvsd(active, 'reload'), 0);
    const memory = ['cat', '/run/ipvsd/cluster.cf.services'];
    await cluster.waitFor('reloaded', takeoverMs, async () =>
      /"kept":\["/.test((await active.exec(memory)).stdout),
    );
    assert.equal(await cluster.ipvsd(active, 'stop'), 0);
    await sleep(twoRoundsMs);
    assert.equal(await cluster.daemonPid(active), '');
    await cluster.waitFor('active', takeoverMs, () => cluster.isActive(active));
    assert.equal(await cluster.ipvsd(active, 'start'), 0);
    const pid = await cluster.daemonPid(active);
    await cluster.writeConfig(active);
    assert.equal(await cluster.ipvsd(active, 'reload'), 0);
    await cluster.crm(active, 'configure', 'property', 'maintenance-mode=false');
    await active.exec(['crm_resource', '--wait'], { timeoutMs: takeoverMs });
    await sleep(twoRoundsMs);
    // the one that the operator started is the cluster's now
    assert.equal(await cluster.daemonPid(active), pid);
    await cluster.waitFor('active', takeoverMs, () => cluster.isActive(active));
    assert.equal(cluster.report('maintenance', sinceMs).failures, 0);
    await cluster.assertNoFailures(active);
  });

  it('starts and stops a second file alone, under the drop-in', async () => {
    const sinceMs = Date.now();
    const pid = await cluster.daemonPid(active);
    const hasTable = async (table: readonly string[]) =>
      (await cluster.lines(active)).join() === table.join();
    await cluster.crm(active, 'resource', 'start', 'lb2');
    const both = [...cluster.table, ...cluster.secondTable];
    await cluster.waitFor('both', takeoverMs, () => hasTable(both));
    await cluster.crm(active, 'resource', 'stop', 'lb2');
    await cluster.waitFor('one', takeoverMs, () => hasTable(cluster.table));
    assert.equal(await cluster.daemonPid(active), pid);
    assert.equal(cluster.report('second file', sinceMs).failures, 0);
    await cluster.assertNoFailures(active);
  });

  it('monitor 10: moves where the kernel takes the file', async () => {
    // one file of the two is spoilt: each node has its own
    const spoilt = active;
    await moves('a table that is not as it should be', async () => {
      await cluster.writeConfig(spoilt, (text) => text.replace('scheduler=rr', 'scheduler=absent'));
      assert.equal(await cluster.ipvsd(spoilt, 'reload'), 0);
    });
    // of depth 10 or 20, which takes in the former
    assert.match(
      await cluster.monitor(active),
      /lb 1[37]s-interval monitor on \w+ returned 'error' \(.* the kernel's table is not as it should be/,
    );
    await leftNothing();
    await cluster.writeConfig(spoilt);
    await cleanUp();
  });

  it('monitor 0: stops a daemon that hangs without its file, and moves', async () => {
    const hung = active;
    const pid = await cluster.daemonPid(hung);
    await moves('a daemon that hangs, its file gone', async () => {
      await rm(path.join(path.dirname(hung.logFile), 'ha.d/cluster.cf'));
      await hung.exec(['kill', '-STOP', pid]);
    });
    assert.equal((await hung.exec(['kill', '-0', pid], { allowFailure: true })).exitCode, 1);
    await leftNothing();
    await cluster.writeConfig(hung);
    await cleanUp();
  });

  it('monitor 20: fails where no server lives, until cleanup', async () => {
    const sinceMs = Date.now();
    for (const web of cluster.webs) await web.stop();
    // first here, then on the other one: such a failure is the operator's to end
    const failed = async () =>
      new Set((await cluster.monitor(active)).match(/lb 17s-interval monitor on \w+/g)).size === 2;
    await cluster.waitFor('failed on both', takeoverMs, failed);
    for (const node of [active, standby]) {
      await cluster.waitFor('stopped', takeoverMs, async () => {
        return !(await cluster.hasVip(node)) && (await cluster.lines(node)).length === 0;
      });
    }
    assert.doesNotMatch(await cluster.monitor(active), /stop on|UNCLEAN|blocked/);
    for (const web of cluster.webs) await web.start();
    await cluster.crm(active, 'resource', 'cleanup', 'lb');
    await cluster.waitFor('active again', takeoverMs, async () => {
      return (await cluster.isActive(active)) || cluster.isActive(standby);
    });
    if (await cluster.isActive(standby)) [active, standby] = [standby, active];
    await cluster.served();
    cluster.report('no web server, until cleanup', sinceMs);
    await cluster.assertNoFailures(active);
  });

  it('takes over when corosync is killed; that machine, started anew, stands by', async () => {
    const crashed = active;
    const pid = await cluster.daemonPid(crashed);
    await cluster.takeOver('kill -9 of corosync', standby, () =>
      moves('kill -9 of corosync', () => crashed.killCorosync()),
    );
    // stonith is off, and nobody is left there who could stop anything
    await crashed.exec(['kill', '-0', pid]);
    await cluster.reboot(crashed);
    await crashed.startEngine();
    await cluster.waitFor('both online', formingMs, async () =>
      /Node alpha: online[\s\S]*Node beta: online/.test(await cluster.monitor(active)),
    );
    await cluster.waitFor('sync', takeoverMs, () => cluster.isSynced(crashed));
    await cluster.waitFor('active', takeoverMs, () => cluster.isActive(active));
    await leftNothing();
    await cluster.served();
    await cluster.assertNoFailures(active);
  });
});
