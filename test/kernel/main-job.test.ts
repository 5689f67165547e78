import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Ipvsd, ipvsdOn, savedTable, waitForTable } from '../support/ipvsd.ts';
import { startLoad } from '../support/load.ts';
import { seed004 } from '../support/seeds.ts';
import type { HostProcess } from '../support/topology/host-process.ts';
import type { NginxServer } from '../support/topology/nginx.ts';
import { createTopology, type Topology } from '../support/topology.ts';

const vip = '10.9.0.200';
/** One check interval and one timeout of seed004, and room for a slow test kernel. */
const reactionMs = 1000 + 2000 + 3000;

describe('seed 004: two web servers behind one address', () => {
  let net: Topology;
  let first: NginxServer;
  let second: NginxServer;
  let ipvsd: Ipvsd;
  let daemon: HostProcess;

  const line = (address: string, weight: number) =>
    `-a -t ${vip}:80 -r ${address}:80 -g -w ${weight}`;
  const table = (weights: { one: number; two: number; fallback?: true }) => [
    `-A -t ${vip}:80 -s rr`,
    line('10.9.0.101', weights.one),
    line('10.9.0.102', weights.two),
    ...(weights.fallback ? [line('127.0.0.1', 1)] : []),
  ];
  const ask = async () => (await net.client.fetch(`http://${vip}/`)).body;

  before(async () => {
    net = await createTopology();
    const pages = { '/ldirector.html': 'Test Page' };
    [first, second] = await Promise.all([
      net.host('real1').nginx({ pages }),
      net.host('real2').nginx({ pages }),
    ]);
    await net.director.nginx({ pages: { '/': 'fallback' } });
    await net.addVirtualAddress(vip);
    const text = seed004({ vip, reals: ['10.9.0.101', '10.9.0.102'] });
    ipvsd = ipvsdOn(net.director, `${net.directory}/etc`, 'seed-004.cf', text);
    daemon = await ipvsd.run();
  });
  after(async () => {
    await daemon?.stop();
    await net?.teardown();
  });

  it('has both servers in the kernel as soon as it serves', async () => {
    assert.deepEqual(await savedTable(net.director), table({ one: 1, two: 1 }));
  });

  it('spreads requests over both', async () => {
    assert.deepEqual([await ask(), await ask()].sort(), ['real1', 'real2']);
  });

  it('takes a killed server out within interval plus timeout, and clients see only the other', async () => {
    await first.kill();
    await waitForTable(net.director, table({ one: 0, two: 1 }), reactionMs);
    assert.deepEqual([await ask(), await ask(), await ask()], ['real2', 'real2', 'real2']);
  });

  it('says in status why it is down', async () => {
    const { stdout, exitCode } = await ipvsd.call('status');
    assert.equal(exitCode, 0);
    assert.match(stdout, /10\.9\.0\.101:80 +gate +down \d+s +0\/1 .*connection refused/);
    assert.match(stdout, /10\.9\.0\.102:80 +gate +up .*200 OK/);
  });

  it('puts the fallback in when both are down', async () => {
    await second.kill();
    await waitForTable(net.director, table({ one: 0, two: 0, fallback: true }), reactionMs);
    assert.equal(await ask(), 'fallback');
  });

  it('brings both back and takes the fallback out', async () => {
    await Promise.all([first.start(), second.start()]);
    await waitForTable(net.director, table({ one: 1, two: 1 }), reactionMs);
    assert.deepEqual([await ask(), await ask()].sort(), ['real1', 'real2']);
  });

  it('takes a server out whose page no longer says what it should', async () => {
    await second.setPage('/ldirector.html', 'Out of order');
    await waitForTable(net.director, table({ one: 1, two: 0 }), reactionMs);
    await second.setPage('/ldirector.html', 'Test Page');
    await waitForTable(net.director, table({ one: 1, two: 1 }), reactionMs);
  });

  it('repairs a table that somebody else cleared or changed', async () => {
    await net.director.exec(['ipvsadm', '-C']);
    await waitForTable(net.director, table({ one: 1, two: 1 }), reactionMs);
    const edit = ['ipvsadm', '-e', '-t', `${vip}:80`, '-r', '10.9.0.101:80', '-m', '-w', '7'];
    await net.director.exec(edit);
    await net.director.exec(['ipvsadm', '-E', '-t', `${vip}:80`, '-s', 'lc', '-p', '300']);
    await waitForTable(net.director, table({ one: 1, two: 1 }), reactionMs);
    const { stdout } = await ipvsd.call('status', '--json');
    assert.ok(JSON.parse(stdout)[0].driftRepairs >= 2);
  });

  it('leaves services of others alone', async () => {
    const foreign = ['-A -t 10.9.0.250:25 -s rr', '-a -t 10.9.0.250:25 -r 10.9.0.101:25 -g -w 1'];
    await net.director.exec(['ipvsadm', '-R'], { input: `${foreign.join('\n')}\n` });
    await sleep(2500);
    assert.deepEqual(await savedTable(net.director), [...table({ one: 1, two: 1 }), ...foreign]);
    await net.director.exec(['ipvsadm', '-D', '-t', '10.9.0.250:25']);
  });

  it('plans nothing while the table is right, and names what it would change', async () => {
    const clean = await ipvsd.call('plan', 'CONFIG');
    assert.deepEqual([clean.exitCode, clean.stdout, clean.stderr], [0, '', '']);
    const text = seed004({ vip, reals: ['10.9.0.101'] }).replace('scheduler=rr', 'scheduler=wlc');
    const other = ipvsdOn(net.director, `${net.directory}/etc`, 'other.cf', text);
    const changes = await other.call('plan', 'CONFIG');
    assert.equal(changes.exitCode, 2);
    assert.deepEqual(changes.stdout.split('\n'), [
      `-E -t ${vip}:80 -s wlc`,
      `-d -t ${vip}:80 -r 10.9.0.102:80`,
    ]);
    assert.deepEqual(await savedTable(net.director), table({ one: 1, two: 1 }));
  });

  it('loses no request over a reload that changes nothing, nor over kill -9 and restart', async () => {
    const load = await startLoad(net.client, { url: `http://${vip}/`, concurrency: 4 });
    daemon.signal('SIGHUP');
    await daemon.waitForOutput(/Reread new configuration/);
    await daemon.kill();
    assert.deepEqual(await savedTable(net.director), table({ one: 1, two: 1 }));
    daemon = await ipvsd.run();
    while (load.events().length < 1000) await sleep(50);
    const { failures, servers } = await load.stop();
    assert.equal(failures, 0);
    assert.deepEqual(Object.keys(servers).sort(), ['real1', 'real2']);
    assert.doesNotMatch(daemon.output(), /Added|Deleted|Quiescent|Restored|Changed/);
  });

  it('leaves the kernel clean on stop', async () => {
    await daemon.stop();
    assert.equal(await daemon.exited, 0);
    assert.deepEqual(await savedTable(net.director), []);
  });
});
