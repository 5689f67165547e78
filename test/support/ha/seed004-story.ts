import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { timing } from './heartbeat.ts';
import { type Outage, outageText } from './outage.ts';
import { type Balancer, createSeed004Cluster, type Seed004Cluster } from './seed004-cluster.ts';

/** What clients saw, by what was done. */
export type Measured = Map<string, Outage>;

/**
 * Seed 004's own tests (chapters 5 and 7) and a crash of each kind, in one story with traffic the
 * whole time. Prints the time without service of each step.
 *
 * @returns filled when the tests have run.
 */
export function describeSeed004Story(balancer: Balancer): Measured {
  const measured: Measured = new Map();
  describe(`seed 004's two load balancers under heartbeat, with ${balancer.name}`, () => {
    let cluster: Seed004Cluster;
    /** Does something, waits until clients are served again, and notes what they saw until then. */
    const measure = async (what: string, act: () => Promise<void>, done: () => Promise<void>) => {
      const sinceMs = Date.now();
      await act();
      await done();
      const outage = cluster.outage(sinceMs);
      measured.set(what, outage);
      console.log(`${balancer.name}, ${what}: ${outageText(outage)}`);
    };

    before(async () => {
      cluster = await createSeed004Cluster(balancer);
    });
    after(() => cluster?.teardown());

    it('comes up with loadb1 active and loadb2 standing by', async () => {
      const { one, two } = cluster;
      await cluster.form();
      await cluster.serves(one, { weights: [1, 1] });
      await cluster.assertSides(one, two);
      assert.match(await cluster.synced(two, 'backup'), /^backup running\(interface eth0,/);
    });

    it('sends clients to the other web server when one is stopped, and back', async () => {
      const { one, two, webs } = cluster;
      const [first] = webs;
      const without = { weights: [0, 1] } as const;
      await measure(
        'one web server stopped',
        async () => first?.stop(),
        () => cluster.serves(one, without),
      );
      await cluster.assertSides(one, two, without);
      await measure(
        'it is back',
        async () => first?.start(),
        () => cluster.serves(one, { weights: [1, 1] }),
      );
      await cluster.assertSides(one, two);
    });

    it('shows the fallback page when both web servers are stopped', async () => {
      const { one, two, webs } = cluster;
      const none = { weights: [0, 0], fallback: true } as const;
      await measure(
        'both web servers stopped',
        async () => void (await Promise.all(webs.map((web) => web.stop()))),
        () => cluster.serves(one, none),
      );
      await cluster.assertSides(one, two, none);
      await measure(
        'both are back',
        async () => void (await Promise.all(webs.map((web) => web.start()))),
        () => cluster.serves(one, { weights: [1, 1] }),
      );
      await cluster.assertSides(one, two);
    });

    it('moves everything to loadb2 when heartbeat is stopped on loadb1', async () => {
      const { one, two } = cluster;
      await cluster.takeOver('heartbeat stopped', two, () =>
        measure(
          'heartbeat stopped',
          () => one.stopEngine(),
          () => cluster.takenOver(two),
        ),
      );
      await cluster.assertSides(two, one);
    });

    it('leaves it there when heartbeat comes back on loadb1 (auto_failback off)', async () => {
      const { one, two } = cluster;
      const sinceMs = Date.now();
      await cluster.join(one, two);
      await sleep(timing.deadtimeS * 1000);
      await cluster.assertSides(two, one);
      assert.equal(cluster.outage(sinceMs).failures, 0);
    });

    it('moves everything to loadb1 when heartbeat is killed on loadb2', async () => {
      const { one, two } = cluster;
      await measure(
        'heartbeat killed',
        () => two.killEngine(),
        () => cluster.takenOver(one),
      );
      // nobody is left on loadb2 to give anything away: what runs there says so
      assert.deepEqual(await cluster.status(two), await cluster.status(one));
      assert.equal(await cluster.hasVip(two), true);
      assert.match(await cluster.synced(two), /^master running\(/);
    });

    it('leaves it there when that machine was started anew', async () => {
      const { one, two } = cluster;
      // its VIP goes with it, and clients whose ARP table still has it learn the other one
      await measure(
        'that machine started anew',
        () => cluster.reboot(two),
        () => cluster.join(two, one),
      );
      await cluster.serves(one, { weights: [1, 1] });
      await cluster.assertSides(one, two);
    });

    it('moves everything to loadb2 when the power of loadb1 is cut', async () => {
      const { one, two } = cluster;
      await cluster.takeOver('power cut', two, () =>
        measure(
          'power cut',
          () => one.cutPower(),
          () => cluster.takenOver(two),
        ),
      );
      await cluster.assertSides(two, one);
    });

    if (balancer.name === 'ldirectord') {
      it('gives way to ipvsd under a heartbeat that runs, without its clients noticing', async () => {
        const { two } = cluster;
        await cluster.serves(two, { weights: [1, 1] });
        const sinceMs = Date.now();
        await cluster.moveToIpvsd(two);
        await cluster.serves(two, { weights: [1, 1] });
        const outage = cluster.outage(sinceMs);
        console.log(`ldirectord's place taken by ipvsd: ${outageText(outage)}`);
        assert.equal(outage.failures, 0);
        await cluster.leave(two);
      });
    }
  });
  return measured;
}
