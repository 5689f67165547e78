import assert from 'node:assert/strict';
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { ipvsdOn, savedTable, waitForTable } from '../support/ipvsd.ts';
import { seed004 } from '../support/seeds.ts';
import type { NginxServer } from '../support/topology/nginx.ts';
import { createTopology, type Topology } from '../support/topology.ts';

const vip = '10.9.0.200';
const row = (address: string, weight = 1) => `-a -t ${vip}:80 -r ${address}:80 -g -w ${weight}`;

describe("ipvsd's own directives", () => {
  let net: Topology;
  let servers: readonly NginxServer[];
  const reals = ['10.9.0.101', '10.9.0.102'];
  const file = (name: string, change: (text: string) => string) =>
    ipvsdOn(net.director, `${net.directory}/etc`, name, change(seed004({ vip, reals })));
  const ask = async () => (await net.client.fetch(`http://${vip}/`)).body;
  const sysctl = async () => {
    const path = '/proc/sys/net/ipv4/vs/expire_nodest_conn';
    return (await net.director.exec(['cat', path])).stdout;
  };

  before(async () => {
    net = await createTopology({ clients: 2 });
    const pages = { '/ldirector.html': 'Test Page' };
    servers = await Promise.all(net.reals.map((real) => real.nginx({ pages })));
    await net.addVirtualAddress(vip);
  });
  after(() => net.teardown());

  it('persistentclean=yes: clients of a failed server move on at once, though quiescent=yes', async () => {
    const ipvsd = file('clean.cf', (text) =>
      text.replace(
        'scheduler=rr',
        'scheduler=rr\n        persistent=600\n        persistentclean=yes',
      ),
    );
    const daemon = await ipvsd.run();
    assert.equal(await sysctl(), '1');
    assert.match((await ipvsd.call('status')).stdout, /sysctl .*expire_nodest_conn = 1 \(was 0\)/);
    const mine = await ask();
    assert.equal(await ask(), mine);
    const other = mine === 'real1' ? 1 : 0;
    await servers[1 - other]?.kill();
    const left = [`-A -t ${vip}:80 -s rr -p 600`, row(reals[other] ?? '')];
    await waitForTable(net.director, left, 30_000);
    assert.notEqual(await ask(), mine);
    await servers[1 - other]?.start();
    await daemon.stop();
    assert.equal(await sysctl(), '0');
  });

  it('persistentclean=yes: clients of a server in maintenance stay, and new ones go elsewhere', async () => {
    const orders = `${net.directory}/maintenance`;
    mkdirSync(orders);
    const ipvsd = file('drain.cf', (text) =>
      text
        .replace(
          'scheduler=rr',
          'scheduler=rr\n        persistent=600\n        persistentclean=yes',
        )
        .replace('autoreload=no', `autoreload=no\nmaintenancedir=${orders}`),
    );
    const daemon = await ipvsd.run();
    const whole = [`-A -t ${vip}:80 -s rr -p 600`, ...reals.map((address) => row(address))];
    await waitForTable(net.director, whole, 20_000);
    const mine = await ask();
    const drained = mine === 'real1' ? 0 : 1;
    writeFileSync(join(orders, reals[drained] ?? ''), '');
    const draining = [
      `-A -t ${vip}:80 -s rr -p 600`,
      ...reals.map((address, index) => row(address, index === drained ? 0 : 1)),
    ];
    await waitForTable(net.director, draining, 20_000);
    assert.equal(await ask(), mine);
    const fresh = await net.clients[1]?.fetch(`http://${vip}/`);
    assert.equal(fresh?.body, drained === 0 ? 'real2' : 'real1');
    // it may go on only as long as it is well
    await servers[drained]?.kill();
    const left = [`-A -t ${vip}:80 -s rr -p 600`, row(reals[1 - drained] ?? '')];
    await waitForTable(net.director, left, 20_000);
    assert.equal(await ask(), fresh?.body);
    await servers[drained]?.start();
    rmSync(orders, { recursive: true });
    await daemon.stop();
  });

  it('minservers=1: a check that is wrong everywhere does not empty the pool', async () => {
    const ipvsd = file('guard.cf', (text) =>
      text.replace('quiescent=yes', 'quiescent=no\nminservers=1'),
    );
    const daemon = await ipvsd.run();
    for (const server of servers) await server.setPage('/ldirector.html', 'Out of order');
    await daemon.waitForOutput(/Kept in service by minservers/, 30_000);
    const table = await savedTable(net.director);
    assert.equal(table.length, 2, table.join('\n'));
    assert.match(await ask(), /^real[12]$/);
    assert.match((await ipvsd.call('status')).stdout, /down .*kept by minservers/);
    for (const server of servers) await server.setPage('/ldirector.html', 'Test Page');
    const whole = [`-A -t ${vip}:80 -s rr`, ...reals.map((address) => row(address))];
    await waitForTable(net.director, whole, 30_000);
    await daemon.stop();
  });

  it('include of a folder: with autoreload, files that come, change, break, are mended and go', async () => {
    const ipvsd = file('main.cf', (text) =>
      text.replace('autoreload=no', 'autoreload=yes\ninclude=conf.d'),
    );
    const folder = join(dirname(ipvsd.configPath), 'conf.d');
    mkdirSync(folder);
    const put = (text: string): void => {
      writeFileSync(join(folder, '.new'), text);
      renameSync(join(folder, '.new'), join(folder, 'b.cf'));
    };
    const own = [`-A -t ${vip}:80 -s rr`, ...reals.map((address) => row(address))];
    const second = (scheduler: string): string =>
      `virtual=${vip}:81\n\tchecktype=on\n\tscheduler=${scheduler}\n`;
    const daemon = await ipvsd.run();
    await waitForTable(net.director, own, 30_000);
    put(second('rr'));
    await waitForTable(net.director, [...own, `-A -t ${vip}:81 -s rr`], 30_000);
    put(second('lc'));
    await waitForTable(net.director, [...own, `-A -t ${vip}:81 -s lc`], 30_000);
    put(second('LC'));
    await daemon.waitForOutput(/conf\.d\/b\.cf:3:12: scheduler: expected/, 30_000);
    assert.deepEqual(await savedTable(net.director), [...own, `-A -t ${vip}:81 -s lc`]);
    put(second('wlc'));
    await waitForTable(net.director, [...own, `-A -t ${vip}:81 -s wlc`], 30_000);
    rmSync(join(folder, 'b.cf'));
    await waitForTable(net.director, own, 30_000);
    await daemon.stop();
  });
});
