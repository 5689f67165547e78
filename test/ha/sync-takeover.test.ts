import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import {
  addresses,
  createKeepalivedDirectors,
  type KeepalivedDirectors,
} from '../support/ha/keepalived-directors.ts';
import { savedTable } from '../support/ipvsd.ts';
import type { Host } from '../support/topology/host.ts';

const { vip } = addresses;
const count = 8;
/** A download takes 50 s at least. */
const bytesPerSecond = 20_000;
const size = 50 * bytesPerSecond;
/** A client gives up when nothing came for so long. */
const silenceS = 30;
/** By the real servers' name of their own, which curl reads from the header. */
const curl = [
  'curl',
  '-s',
  '-o',
  '/dev/null',
  '-w',
  '%{exitcode} %{size_download} %header{x-server}',
];

const ldirectordCf = `checkinterval=5
checktimeout=3
virtual=${vip}:80
        real=192.168.0.12:80 masq
        real=192.168.0.13:80 masq
        scheduler=rr
        persistent=300
        checktype=connect
`;

/** What became of the clients of a director that was lost. */
interface Survivors {
  /** Downloads that were under way and came to their end. */
  readonly finished: number;
  /** Clients whose next connection went to the same server. */
  readonly kept: number;
}

describe('connections under way when the power of the active director is cut', () => {
  let cluster: KeepalivedDirectors;
  let withSync: Survivors;

  /** The clients of a network that are in the connection table of a director. */
  const established = async (host: Host, network: string) => {
    const { stdout } = await host.exec(['ipvsadm', '-Lnc']);
    return stdout.split('\n').filter((line) => line.includes(`ESTABLISHED ${network}`)).length;
  };
  const fetch = async (address: string) => {
    const argv = [...curl, '--max-time', '20', '--interface', address, `http://${vip}/`];
    return (await cluster.net.client.exec(argv, { allowFailure: true })).stdout.split(' ')[2];
  };

  /** Starts a download for each client, cuts the power of lb1, and counts. */
  const takeOver = async (network: string, sync: boolean): Promise<Survivors> => {
    const { lb1, lb2, net } = cluster;
    const clients = Array.from({ length: count }, (_, index) => `${network}${index + 1}`);
    for (const address of clients) await net.client.addAddress(`${address}/24`);
    const limits = ['--speed-limit', '1', '--speed-time', String(silenceS)];
    const downloads = clients.map((address) =>
      net.client.spawn([...curl, ...limits, '--interface', address, `http://${vip}/large`]),
    );
    const has = async (host: Host) => (await established(host, network)) === count;
    await cluster.waitFor('downloads under way', () => has(lb1.host));
    if (sync) await cluster.waitFor('connections on lb2', () => has(lb2.host));
    await lb1.cutPower();
    // what lives in the network namespace, a machine that was off has not got any more
    await lb1.host.exec(['ip', 'addr', 'flush', 'dev', 'eth0', 'to', addresses.vip]);
    await lb1.host.exec(['ip', 'addr', 'flush', 'dev', 'eth1', 'to', addresses.gateway]);
    await cluster.waitFor('lb2 master', () => cluster.isMaster(lb2));
    for (const { exited } of downloads) await exited;
    const results = downloads.map((download) => download.output().split(' '));
    const servers = results.map(([, , server = '']) => server);
    let kept = 0;
    for (const index of orderOfVisits(servers)) {
      if ((await fetch(clients[index] ?? '')) === servers[index]) kept += 1;
    }
    const finished = results.filter(([code, got]) => code === '0' && Number(got) === size).length;
    console.log(
      `sync ${sync ? 'on' : 'off'}: ${finished} of ${count} downloads finished, ${kept} of ${count} clients kept their server`,
    );
    return { finished, kept };
  };
  const comesUp = async () => {
    const nodes = [cluster.lb1, cluster.lb2];
    for (const node of nodes) await cluster.waitFor(`${node.name} well`, () => node.isWell());
    await cluster.waitFor('lb1 master', () => cluster.isMaster(cluster.lb1));
    for (const { host } of nodes) {
      await cluster.waitFor('table', async () => (await savedTable(host)).length === 3);
    }
  };

  before(async () => {
    cluster = await createKeepalivedDirectors({ ldirectordCf });
    // the line end that a page gets counts
    const large = 'x'.repeat(size - 1);
    for (const real of cluster.net.reals)
      await real.nginx({ pages: { '/large': large }, bytesPerSecond });
  });
  after(() => cluster?.teardown());

  it('survive with connection synchronisation', async () => {
    const { lb1, lb2 } = cluster;
    await Promise.all([lb1.startEngine(), lb2.startEngine()]);
    await comesUp();
    await cluster.waitFor('lb2 receives', () => cluster.isBackup(lb2));
    withSync = await takeOver('10.0.0.5', true);
    assert.deepEqual(withSync, { finished: count, kept: count });
  });

  it('are lost without it', async () => {
    const { lb1, lb2, command } = cluster;
    await cluster.setSync(false);
    await lb2.exec([command, 'sync', 'stop']);
    await lb1.switchOn();
    await lb1.startEngine();
    await comesUp();
    const { finished, kept } = await takeOver('10.0.0.6', false);
    assert.equal(finished, 0);
    assert.ok(kept < withSync.kept, String(kept));
  });
});

/** Two of one server, two of the other: round robin gives half of them back whichever it begins with. */
function orderOfVisits(servers: readonly string[]): readonly number[] {
  const names = [...new Set(servers)];
  const turns = names.map((name) => servers.flatMap((one, index) => (one === name ? [index] : [])));
  const pairs = turns.flatMap((turn, which) =>
    turn.map((index, place) => ({ index, rank: Math.floor(place / 2) * names.length + which })),
  );
  return pairs.toSorted((a, b) => a.rank - b.rank).map(({ index }) => index);
}
