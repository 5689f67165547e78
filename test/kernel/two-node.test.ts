import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { after, afterEach, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Examined } from '../../src/doctor/finding.ts';
import { applyMarks, applyMarksFrom, putOnBridge } from '../support/bridged.ts';
import { type Ipvsd, ipvsdOn, savedTable, waitForTable } from '../support/ipvsd.ts';
import { type Load, runLoad, startLoad } from '../support/load.ts';
import type { Host } from '../support/topology/host.ts';
import type { HostProcess } from '../support/topology/host-process.ts';
import { createTopology, type Topology } from '../support/topology.ts';

const vip = '10.9.0.200';
const url = `http://${vip}/`;
const patienceMs = 60_000;
/** More than fits anywhere on the way to a client that does not take it. */
const bigBytes = 3_000_000;
/** A download of which all but the beginning waits for a file. @returns its script. */
const haltedDownload = (goOn: string) => `exec 3<>/dev/tcp/${vip}/80
printf 'GET /big HTTP/1.0\\r\\n\\r\\n' >&3
head -c 1000 <&3 | wc -c
while [ ! -e ${goOn} ]; do sleep 0.1; done
wc -c <&3`;

const globals = (further: string) => `checkinterval=1
checktimeout=2
negotiatetimeout=2
quiescent=no
persistentclean=yes
logfile="/dev/null"
${further}
`;
const servers = `\treal=10.9.0.1 gate
\treal=10.9.0.2 gate
\tservice=http
\tcheckport=80
\trequest="/ok"
\tscheduler=rr
`;
const plain = (further: string) => `${globals(further)}virtual=${vip}:80\n${servers}`;
const marked = `${globals('')}virtual=1\n\tmarkfor=${vip}:80\n${servers}`;

const plainTable = [
  `-A -t ${vip}:80 -s rr`,
  `-a -t ${vip}:80 -r 10.9.0.1:80 -g -w 1`,
  `-a -t ${vip}:80 -r 10.9.0.2:80 -g -w 1`,
];
const markedTable = [
  '-A -f 1 -s rr',
  '-a -f 1 -r 10.9.0.1:0 -g -w 1',
  '-a -f 1 -r 10.9.0.2:0 -g -w 1',
];

interface Node {
  readonly host: Host;
  readonly ipvsd: Ipvsd;
  readonly daemon: HostProcess;
}

describe('two directors that are each other’s real servers', () => {
  let net: Topology;
  let nodes: readonly Node[] = [];

  /** The first of the nodes begins active and with the address. */
  const start = async (
    text: string,
    ...roles: readonly string[]
  ): Promise<readonly [Node, Node]> => {
    const started = net.directors.map(async (host, i): Promise<Node> => {
      const ipvsd = ipvsdOn(host, `${net.directory}/etc`, `${host.name}.cf`, text);
      const daemon = await ipvsd.run('--role', roles[i] ?? 'active');
      return { host, ipvsd, daemon };
    });
    nodes = await Promise.all(started);
    const [first, second] = nodes;
    assert.ok(first && second);
    await serveAddress(first, second);
    return [first, second];
  };

  before(async () => {
    net = await createTopology({ directors: 2, reals: 0 });
    for (const host of net.directors) {
      await host.sysctl('net.ipv4.conf.all.arp_ignore', 1);
      await host.sysctl('net.ipv4.conf.all.arp_announce', 2);
      await host.addAddress(`${vip}/32`, 'lo');
      await putOnBridge(host);
      await host.nginx({ pages: { '/ok': 'ok', '/big': 'x'.repeat(bigBytes) } });
    }
  });
  afterEach(async () => {
    for (const { host, daemon } of nodes) {
      await daemon.stop();
      await host.exec(['nft', 'flush', 'ruleset']);
      await host.exec(['rm', '-f', `/run/ipvsd/${host.name}.cf.role`]);
      await host.exec(['ip', 'link', 'set', 'eth0', 'up']);
    }
    nodes = [];
  });
  after(() => net?.teardown());

  /** What a cluster manager does: the address leaves the one and comes to the other. On lo it stays. */
  async function serveAddress(to: Node, from: Node): Promise<void> {
    const allowFailure = true;
    for (const { host } of [from, to]) {
      await host.exec(['ip', 'addr', 'del', `${vip}/32`, 'dev', 'eth0'], { allowFailure });
    }
    await to.host.exec(['ip', 'addr', 'add', `${vip}/32`, 'dev', 'eth0']);
    // a neighbour entry that is younger than a second is not replaced
    await to.host.exec(['arping', '-q', '-U', '-c', '3', '-I', 'eth0', vip], { allowFailure });
  }

  /** The other director takes over: as keepalived or a resource agent would do it. */
  async function takeOver(to: Node, from: Node): Promise<void> {
    assert.equal((await from.ipvsd.call('role', 'standby', 'CONFIG')).exitCode, 0);
    await serveAddress(to, from);
    const { exitCode, stdout } = await to.ipvsd.call('role', 'active', 'CONFIG');
    assert.deepEqual([exitCode, stdout], [0, 'active']);
  }

  /** Some packets go to and fro between the two until their time to live is over. */
  async function loops(): Promise<void> {
    const summary = await runLoad(net.client, { url, requests: 20, timeoutMs: 500 });
    assert.ok(summary.failures > 0, JSON.stringify(summary));
  }

  /** Every request is answered, by each of these directors some. */
  async function allServed(by: readonly string[]): Promise<void> {
    const summary = await runLoad(net.client, { url, requests: 40, timeoutMs: 5000 });
    assert.equal(summary.failures, 0, JSON.stringify(summary));
    assert.deepEqual(Object.keys(summary.servers).sort(), by);
  }

  /** The first director hands over, and then the second one loses its network, all under load. */
  async function endToEnd(first: Node, second: Node): Promise<void> {
    const both = ['director1', 'director2'];
    await allServed(both);
    const load = await startLoad(net.client, { url, concurrency: 2, pauseMs: 20, timeoutMs: 1000 });
    await takeOver(second, first);
    await untilServed(load);
    await allServed(both);
    await second.host.exec(['ip', 'link', 'set', 'eth0', 'down']);
    await serveAddress(first, second);
    assert.equal((await first.ipvsd.call('role', 'active', 'CONFIG')).exitCode, 0);
    await waitForTable(
      first.host,
      (await savedTable(first.host)).filter((line) => !line.includes('-r 10.9.0.2')),
      patienceMs,
    );
    await untilServed(load);
    await allServed(['director1']);
    const { requests, failures } = await load.stop();
    console.log(`a hand-over and a lost director under load: ${failures} of ${requests} failed`);
    assert.ok(requests - failures > 40);
  }

  /** A good answer to a request that came after this call. */
  async function untilServed(load: Load): Promise<void> {
    const begin = Date.now();
    const isGood = () =>
      load
        .events()
        .some((event) => event.kind === 'answer' && event.atMs - event.durationMs > begin);
    while (!isGood()) {
      assert.ok(Date.now() - begin < patienceMs, 'no request was answered any more');
      await sleep(50);
    }
  }

  it('send packets round and round when both have the plain table: what has to be avoided', async () => {
    const [first, second] = await start(plain(''));
    for (const { host } of [first, second]) assert.deepEqual(await savedTable(host), plainTable);
    await loops();
  });

  it('serve and take over with the table on the active one alone', async () => {
    const [first, second] = await start(plain('standbytable=clear'), 'active', 'standby');
    assert.deepEqual(await savedTable(first.host), plainTable);
    assert.deepEqual(await savedTable(second.host), []);
    await endToEnd(first, second);
  });

  it('serve and take over with the table on both, and marks by the source of packets', async () => {
    const [first, second] = await start(marked, 'active', 'standby');
    for (const node of [first, second]) await mark(node);
    await loops();
    // the commands of doctor, where rules spare nobody, and where there are none as after a boot
    await mendMarks(first, 'two-node-marks');
    await second.host.exec(['nft', 'flush', 'ruleset']);
    await mendMarks(second, 'mark-rules');
    for (const { host } of [first, second]) assert.deepEqual(await savedTable(host), markedTable);
    await endToEnd(first, second);
  });

  it('serve and take over with the table on both, and a backup that does not balance', async () => {
    const [first, second] = await start(plain(''), 'active', 'standby');
    const swap = async (to: Node, from: Node) => {
      for (const [{ ipvsd }, role] of [
        [from, 'backup'],
        [to, 'master'],
      ] as const) {
        await ipvsd.call('sync', 'stop');
        const { exitCode, stderr } = await ipvsd.call('sync', 'start', role, 'eth0');
        assert.equal(exitCode, 0, stderr);
      }
    };
    const both = ['director1', 'director2'];
    try {
      await swap(first, second);
      await loops();
      for (const { host } of [first, second]) await host.sysctl('net.ipv4.vs.backup_only', 1);
      for (const { host } of [first, second]) assert.deepEqual(await savedTable(host), plainTable);
      await allServed(both);
      await takeOver(second, first);
      await swap(second, first);
      await allServed(both);
    } finally {
      for (const { host, ipvsd } of nodes) {
        await ipvsd.call('sync', 'stop');
        await host.sysctl('net.ipv4.vs.backup_only', 0);
      }
    }
  });

  it('keep the downloads under way of both servers in a takeover, with marks and synchronisation', async () => {
    const [first, second] = await start(marked, 'active', 'standby');
    await mark(first, second);
    await mark(second, first);
    try {
      for (const { ipvsd } of [first, second]) {
        const { exitCode, stderr } = await ipvsd.call('sync', 'start', 'both', 'eth0');
        assert.equal(exitCode, 0, stderr);
      }
      // what the client has not taken waits at the server
      await net.client.sysctl('net.ipv4.tcp_rmem', '4096 65536 65536');
      const goOn = `${net.directory}/go-on`;
      const script = haltedDownload(goOn);
      const downloads = [1, 2].map(() => net.client.spawn(['bash', '-c', script]));
      await untilEstablished(second.host, ['10.9.0.1', '10.9.0.2']);
      await takeOver(second, first);
      await allServed(['director1', 'director2']);
      writeFileSync(goOn, '');
      for (const download of downloads) {
        await download.exited;
        assert.ok(received(download) > bigBytes, download.output());
      }
    } finally {
      for (const { ipvsd } of nodes) await ipvsd.call('sync', 'stop');
    }
  });
});

/** Bytes of a download, with the head of the answer. */
function received(download: HostProcess): number {
  const parts = download.output().split('\n').map(Number);
  return parts.reduce((sum, part) => sum + part, 0);
}

/** Waits until a director knows of one established connection to each of these servers. */
async function untilEstablished(host: Host, servers: readonly string[]): Promise<void> {
  const begin = performance.now();
  for (;;) {
    const { stdout } = await host.exec(['ipvsadm', '-Lnc']);
    const rows = stdout.split('\n').filter((line) => line.includes('ESTABLISHED'));
    if (servers.every((server) => rows.some((row) => row.includes(` ${server}:`)))) return;
    assert.ok(performance.now() - begin < patienceMs, stdout);
    await sleep(100);
  }
}

/** Gives the command of what `ipvsd doctor` finds; then nothing is wrong with the marks. */
async function mendMarks({ host, ipvsd }: Node, name: string): Promise<void> {
  const examine = async (): Promise<readonly Examined[]> => {
    const { stdout, stderr } = await ipvsd.call('doctor', 'CONFIG', '--json');
    assert.equal(stderr, '');
    const { checks }: { checks: readonly Examined[] } = JSON.parse(stdout);
    return checks.filter((one) => one.name === 'two-node-marks' || one.name === 'mark-rules');
  };
  const found = (await examine()).filter(({ outcome }) => outcome !== 'passed');
  assert.deepEqual(
    found.map((one) => [one.name, one.outcome]),
    [[name, 'found']],
  );
  const [program, nft, file, ...options] = found[0]?.findings[0]?.command?.split(' ') ?? [];
  assert.deepEqual(
    [program, nft, file, options.pop()],
    ['ipvsd', 'nft', ipvsd.configPath, '--apply'],
  );
  await applyMarksFrom(host, (...more) => ipvsd.call('nft', 'CONFIG', ...more), options);
  assert.deepEqual(
    (await examine()).map(({ outcome, findings }) => [outcome, findings]),
    [
      ['passed', []],
      ['passed', []],
    ],
  );
}

/** The rules of `ipvsd nft`, in the kernel of a host. */
function mark({ host, ipvsd }: Node, peer?: Node): Promise<void> {
  return applyMarks(host, (...options) => ipvsd.call('nft', 'CONFIG', ...options), peer?.host);
}
