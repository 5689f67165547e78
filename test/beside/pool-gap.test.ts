import assert from 'node:assert/strict';
import { after, before, describe, it, type TestContext } from 'node:test';
import { type CrowdCount, startCrowd } from '../support/crowd.ts';
import { ipvsdOn } from '../support/ipvsd.ts';
import { startKeepalived } from '../support/keepalived.ts';
import { type PoolSightings, type PoolWatch, watchPool } from '../support/pool-watch.ts';
import type { NginxServer } from '../support/topology/nginx.ts';
import { createTopology, type Topology } from '../support/topology.ts';

const vip = '10.9.0.200';
const patienceMs = 60_000;

let net: Topology;
let reals: readonly NginxServer[];
let reserve: NginxServer;

before(async () => {
  net = await createTopology({ reals: 4 });
  const start = (name: string) => net.host(name).nginx({ quick: true, pages: { '/health': 'ok' } });
  reals = await Promise.all(['real1', 'real2', 'real3'].map(start));
  reserve = await start('real4');
  await net.director.nginx({ quick: true });
  await net.addVirtualAddress(vip);
  // so that it counts everybody whom it turns away
  await net.director.sysctl('net.ipv4.icmp_ratelimit', 0);
});
after(() => net?.teardown());

/** From now on its check is good, or bad; it goes on to answer everything else. */
async function turn(good: boolean, ...servers: readonly NginxServer[]): Promise<void> {
  for (const server of servers) {
    await (good ? server.setPage('/health', 'ok') : server.removePage('/health'));
  }
}

const file = (stays: 'yes' | 'no') => `checkinterval=1
checktimeout=5
logfile="/dev/null"
virtual=${vip}:80
        real=10.9.0.101:80 gate
        real=10.9.0.102:80 gate
        real=10.9.0.103:80 gate
        check = http
                path = /health
                interval = 0.5
                retry = 0
        fallback = 10.9.0.104:80 gate priority 1
                check = http
                        path = /health
                        interval = 0.5
                        retry = 0
        fallback = 127.0.0.1:80 gate priority 2
        scheduler = rr
        quorum = 2
        quiescent = ${stays}
        fallbackquiescent = ${stays}
`;

/** Equal as far as it goes: it has one fallback, which it does not check. */
const keepalivedFile = (stays: boolean) => `
virtual_server ${vip} 80 {
  delay_loop 0.5
  lvs_sched rr
  lvs_method DR
  protocol TCP
  quorum 2
  ${stays ? 'inhibit_on_failure' : ''}
  sorry_server 10.9.0.104 80
  ${stays ? 'sorry_server_inhibit' : ''}
${['101', '102', '103']
  .map(
    (last) => `  real_server 10.9.0.${last} 80 {
    HTTP_GET {
      retry 0
      url {
        path /health
        status_code 200
      }
    }
  }`,
  )
  .join('\n')}
}
`;

const servers = ['10.9.0.101', '10.9.0.102', '10.9.0.103'];
const fallback = '10.9.0.104';

/** Clients and a watcher while the pool goes round twice, and what they saw. */
async function observe(
  t: TestContext,
  goRound: (watch: PoolWatch) => Promise<void>,
  perSecond = 2000,
): Promise<Observed> {
  await turn(true, ...reals, reserve);
  const watch = await watchPool(net.director);
  t.after(() => watch.stop());
  await watch.waitFor(servers, patienceMs);
  const before = await turnedAway();
  const from = Array.from({ length: 3 }, () => `10.9.0.${++lastClient}`);
  for (const address of from) await net.client.addAddress(`${address}/24`);
  const crowd = await startCrowd(net.client, { address: vip, from, perSecond });
  t.after(() => crowd.stop());
  for (let time = 0; time < 2; time++) await goRound(watch);
  const count = await crowd.stop();
  return { count, pool: await watch.stop(), turnedAway: (await turnedAway()) - before };
}

let lastClient = 20;

/**
 * How many packets the director has answered with "unreachable". A client does not always learn of
 * it: what comes while it is still in connect(2) is dropped, and it sends its packet once more.
 */
async function turnedAway(): Promise<number> {
  const { stdout } = await net.director.exec(['nstat', '-asz', 'IcmpOutDestUnreachs']);
  return Number(/^IcmpOutDestUnreachs +(\d+)/m.exec(stdout)?.[1]);
}

interface Observed {
  readonly turnedAway: number;
  readonly count: CrowdCount;
  readonly pool: PoolSightings;
}

/** Quorum lost, fallback in; the fallback's check bad, the next one in; all the way back. */
async function throughTiers(watch: PoolWatch): Promise<void> {
  await throughFallback(watch, async () => {
    await turn(false, reserve);
    await watch.waitFor(['127.0.0.1'], patienceMs);
    await turn(true, reserve);
    await watch.waitFor([fallback], patienceMs);
  });
}

async function throughFallback(watch: PoolWatch, during?: () => Promise<void>): Promise<void> {
  await turn(false, ...reals.slice(1));
  await watch.waitFor([fallback], patienceMs);
  await during?.();
  await turn(true, ...reals.slice(1));
  await watch.waitFor(servers, patienceMs);
}

/** For whoever reads what the runner prints: how far this machine got. */
function tell(t: TestContext, who: string, { count, pool, turnedAway }: Observed): void {
  const { sent, missed, refused, failed, answered } = count;
  t.diagnostic(
    `${who}: ${sent} connections, ${count.perSecond} a second, ${missed} more were due; ${turnedAway} turned ` +
      `away, ${refused} refused, failed ${JSON.stringify(failed)}, answered ${JSON.stringify(answered)}; ` +
      `no server in ${pool.empty} of ${pool.looks} looks at the table`,
  );
}

for (const stays of [true, false]) {
  const how = stays ? 'with weight 0' : 'taken out';
  describe(`servers and fallbacks that do not serve are ${how}`, () => {
    // ipvsadm is a process for each change, which hardly gets its turn beside so many others
    const backends = [
      ...[{ backend: 'netlink', perSecond: 2000 }],
      ...(stays ? [] : [{ backend: 'ipvsadm', perSecond: 100 }]),
    ];
    for (const { backend, perSecond } of backends) {
      it(`ipvsd --backend ${backend} refuses nobody and never has an empty pool`, async (t) => {
        const text = file(stays ? 'yes' : 'no');
        const daemon = await ipvsdOn(net.director, `${net.directory}/etc`, 'gap.cf', text).run(
          '--backend',
          backend,
        );
        t.after(() => daemon.stop());
        const seen = await observe(t, throughTiers, perSecond);
        tell(t, `ipvsd (${backend})`, seen);
        const { count, pool } = seen;
        assert.equal(seen.turnedAway, 0);
        assert.equal(count.refused, 0);
        assert.equal(pool.empty, 0);
        // the kernel drops what is under way to a server that is taken out
        if (stays) assert.deepEqual(count.failed, {});
        assert.ok(count.sent > 100 && pool.looks > 100);
        // as many wished to come, whatever the machine had time for
        const wished = (count.perSecond * (count.sent + count.missed)) / count.sent;
        assert.ok(wished > perSecond * 0.95, `${Math.round(wished)} a second were due`);
        for (const name of ['real1', 'real2', 'real3', 'real4', 'director1']) {
          assert.ok((count.answered[name] ?? 0) > 0, `no answer of ${name}`);
        }
      });
    }

    it('beside it, keepalived', async (t) => {
      const directory = `${net.directory}/keepalived`;
      const daemon = await startKeepalived(net.director, directory, keepalivedFile(stays));
      t.after(() => daemon.stop());
      const seen = await observe(t, throughFallback);
      tell(t, 'keepalived', seen);
    });
  });
}
