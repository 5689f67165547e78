import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Agents, installAgents } from '../support/ha/agents.ts';
import { outageSince } from '../support/ha/outage.ts';
import { createPacemakerNode, type PacemakerNode } from '../support/ha/pacemaker.ts';
import { type Load, startLoad } from '../support/load.ts';
import { seed004 } from '../support/seeds.ts';
import { createTopology, type Topology } from '../support/topology.ts';

const vip = '10.9.0.200';
const formingMs = 240_000;
const takeoverMs = 180_000;
const table = [
  `-A -t ${vip}:80 -s rr`,
  `-a -t ${vip}:80 -r 10.9.0.101:80 -g -w 1`,
  `-a -t ${vip}:80 -r 10.9.0.102:80 -g -w 1`,
];

describe('two directors under corosync and Pacemaker', () => {
  let net: Topology;
  let agents: Agents;
  let one: PacemakerNode;
  let two: PacemakerNode;
  let load: Load;
  let config: string;

  /** In the words of `crm configure`. A node that fails a start or stop shall be seen, not hidden. */
  const cluster = () => `property stonith-enabled=false no-quorum-policy=ignore
primitive lb ocf:ipvsd:ipvsd params config=${config} program=${agents.command} \\
  op start timeout=90 interval=0 op stop timeout=90 interval=0 op monitor timeout=60 interval=10
primitive vip ocf:heartbeat:IPaddr2 params ip=${vip} cidr_netmask=32 nic=eth0 \\
  op start timeout=90 interval=0 op stop timeout=90 interval=0 op monitor timeout=60 interval=30
primitive sync ocf:ipvsd:ipvs-sync params syncid=7 program=${agents.command} \\
  op start timeout=90 interval=0 op stop timeout=90 interval=0 op monitor timeout=60 interval=60
group director lb vip
clone sync-everywhere sync
`;
  const logs = () =>
    [one, two]
      .map(({ name, logFile }) => {
        const text = existsSync(logFile) ? readFileSync(logFile, 'utf8') : '';
        const telling = text.split('\n').filter((line) => /notice:|warning:|error:/.test(line));
        return [`${name}:`, ...telling.slice(-40)].join('\n');
      })
      .join('\n');
  const monitor = async (node: PacemakerNode) =>
    (await node.exec(['crm_mon', '-1', '-n', '--failcounts'], { allowFailure: true })).stdout;
  const lines = async (node: PacemakerNode) =>
    (await node.host.exec(['ipvsadm', '-Sn'])).stdout.split('\n').filter((line) => line !== '');
  const hasVip = async (node: PacemakerNode) =>
    (await node.host.exec(['ip', '-4', 'addr', 'show', 'dev', 'eth0'])).stdout.includes(vip);
  const isActive = async (node: PacemakerNode) =>
    (await hasVip(node)) && (await lines(node)).join() === table.join();
  const waitFor = async (what: string, timeoutMs: number, look: () => Promise<boolean>) => {
    const deadline = performance.now() + timeoutMs;
    while (!(await look())) {
      if (performance.now() > deadline) {
        assert.fail(`${what}: not within ${timeoutMs} ms\n${await monitor(one)}\n${logs()}`);
      }
      await sleep(1000);
    }
  };
  const assertNoFailures = async () => {
    const text = await monitor(one);
    assert.doesNotMatch(text, /Failed Resource Actions|UNCLEAN|blocked/, text);
  };
  const served = async (sinceMs: number) =>
    waitFor('service', 30_000, async () => outageSince(load.events(), sinceMs).answers >= 5);
  const report = (what: string, sinceMs: number) => {
    const { longestMs, failures } = outageSince(load.events(), sinceMs);
    console.log(`${what}: ${longestMs} ms without service, ${failures} requests failed`);
  };
  /** What `crm node standby` calls in the end; that one says nothing when it does nothing. */
  const setStandby = async (node: PacemakerNode, value: 'on' | 'off') => {
    const { stdout } = await node.exec(['crm_standby', '-N', node.name, '-v', value]);
    console.log(`standby ${value} ${node.name} ${stdout}`);
  };
  const daemonPid = async (node: PacemakerNode) =>
    (await node.exec(['cat', '/run/ldirectord.cluster.cf.pid'], { allowFailure: true })).stdout;

  before(async () => {
    net = await createTopology({ directors: 2, reals: 2 });
    agents = await installAgents(net.directory);
    config = `${net.directory}/cluster.cf`;
    await writeFile(config, seed004({ vip, reals: ['10.9.0.101', '10.9.0.102'] }));
    for (const real of net.reals) {
      await real.addAddress(`${vip}/32`, 'lo');
      await real.nginx({ pages: { '/ldirector.html': 'Test Page' } });
    }
    const hosts = { alpha: net.host('director1'), beta: net.host('director2') };
    await mkdir(`${net.directory}/nodes`);
    const directory = `${net.directory}/nodes`;
    const node = async (name: 'alpha' | 'beta') => {
      const { ocfRoot } = agents;
      const made = await createPacemakerNode({ name, hosts, directory, ocfRoot });
      await made.switchOn();
      return made;
    };
    one = await node('alpha');
    two = await node('beta');
  });
  after(async () => {
    await load?.stop();
    await one?.cutPower();
    await two?.cutPower();
    await net?.teardown();
  });

  it('forms, and starts everything on one of them', async () => {
    await Promise.all([one.startEngine(), two.startEngine()]);
    const online = /Node alpha: online[\s\S]*Node beta: online/;
    await waitFor('both online', formingMs, async () => online.test(await monitor(one)));
    const file = `${net.directory}/cluster.crm`;
    await writeFile(file, cluster());
    await one.exec(['crm', 'configure', 'load', 'update', file], { timeoutMs: 180_000 });
    await waitFor('one active', takeoverMs, async () => (await isActive(one)) || isActive(two));
    // from here on, one is the active one
    if (await isActive(two)) [one, two] = [two, one];
    assert.deepEqual(await lines(two), []);
    assert.equal(await hasVip(two), false);
    load = await startLoad(net.client, { url: `http://${vip}/`, pauseMs: 100, timeoutMs: 1000 });
    await served(Date.now());
    for (const node of [one, two]) {
      await waitFor('sync', takeoverMs, async () => {
        const argv = [agents.command, 'sync', 'status', 'both'];
        return (await node.exec(argv, { allowFailure: true })).exitCode === 0;
      });
    }
    await assertNoFailures();
  });

  it('moves to the other node when one goes to standby', async () => {
    const before = Date.now();
    await setStandby(one, 'on');
    await waitFor('the other active', takeoverMs, () => isActive(two));
    await served(Date.now());
    report('standby', before);
    assert.deepEqual(await lines(one), []);
    assert.equal(await hasVip(one), false);
    await assertNoFailures();
    await setStandby(one, 'off');
  });

  it('finds a killed daemon and starts it again', async () => {
    const before = Date.now();
    const killed = await daemonPid(two);
    await two.exec(['kill', '-9', killed]);
    await waitFor('another daemon', takeoverMs, async () => {
      const pids = await Promise.all([one, two].map(daemonPid));
      return pids.some((pid) => pid !== '' && pid !== killed);
    });
    await waitFor('active', takeoverMs, async () => (await isActive(one)) || isActive(two));
    await served(Date.now());
    report('kill -9 of the daemon', before);
    assert.match(await monitor(one), /lb 10s-interval monitor on \w+ returned 'not running'/);
  });
});
