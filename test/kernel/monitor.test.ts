import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { type Ipvsd, ipvsdOn, savedTable, waitForTable } from '../support/ipvsd.ts';
import { seed004 } from '../support/seeds.ts';
import type { NginxServer } from '../support/topology/nginx.ts';
import { createTopology, type Topology } from '../support/topology.ts';

const vip = '10.9.0.200';
const pidFile = '/run/ldirectord.monitor.cf.pid';

describe('ipvsd status --monitor, and a stop that depends on nothing', () => {
  let net: Topology;
  let web: NginxServer;
  let ipvsd: Ipvsd;
  const good = seed004({ vip, reals: ['10.9.0.101'] });
  const pid = () => Number(readFileSync(pidFile, 'utf8'));
  const monitor = async (depth = '0') => {
    const { exitCode, stdout, stderr } = await ipvsd.call('status', '--monitor', depth, 'CONFIG');
    assert.equal(stderr, '');
    assert.equal(stdout.split('\n').length, 1);
    return [exitCode, stdout.replace(`ipvsd ${ipvsd.configPath} `, '')] as const;
  };
  const stop = async () => (await ipvsd.call('CONFIG', 'stop')).exitCode;
  const healthy = [0, 'healthy: serves 1 virtual servers'] as const;

  before(async () => {
    net = await createTopology({ reals: 1 });
    web = await net.host('real1').nginx({ pages: { '/ldirector.html': 'Test Page' } });
    await net.addVirtualAddress(vip);
    ipvsd = ipvsdOn(net.director, `${net.directory}/etc`, 'monitor.cf', good);
  });
  beforeEach(async () => {
    ipvsd.write(good);
    assert.equal((await ipvsd.call('CONFIG', 'start')).exitCode, 0);
  });
  afterEach(async () => {
    await ipvsd.call('CONFIG', 'stop');
  });
  after(() => net?.teardown());

  it('finds all well, and a stopped daemon stopped', async () => {
    for (const depth of ['0', '10', '20']) assert.deepEqual(await monitor(depth), healthy);
    assert.equal(await stop(), 0);
    for (const depth of ['0', '20']) assert.deepEqual(await monitor(depth), [3, 'stopped']);
  });

  it('looks at the daemon and not at its file, which may be broken or gone', async () => {
    ipvsd.write(`${good}nonsense=1\n`);
    assert.deepEqual(await monitor('20'), healthy);
    rmSync(ipvsd.configPath);
    assert.deepEqual(await monitor('20'), healthy);
    assert.equal(await stop(), 0);
    assert.deepEqual(await savedTable(net.director), []);
    assert.deepEqual(await monitor(), [3, 'stopped']);
  });

  it('20: says which virtual server has no live server', async () => {
    await web.kill();
    const fallback = `-a -t ${vip}:80 -r 127.0.0.1:80 -g -w 1`;
    const real = `-a -t ${vip}:80 -r 10.9.0.101:80 -g -w 0`;
    await waitForTable(net.director, [`-A -t ${vip}:80 -s rr`, real, fallback], 30_000);
    assert.deepEqual(await monitor('20'), [1, `unhealthy: no live real server: ${vip}:80`]);
    assert.deepEqual(await monitor('10'), healthy);
    await web.start();
  });

  it('10: a table that was changed and is repaired at once is well', async () => {
    await net.director.exec(['ipvsadm', '-C']);
    assert.deepEqual(await monitor('10'), healthy);
    assert.equal((await savedTable(net.director)).length, 2);
  });

  it('does not take a daemon that hangs for a healthy or a stopped one', async () => {
    const number = pid();
    process.kill(number, 'SIGSTOP');
    const [exitCode, text] = await monitor();
    assert.equal(exitCode, 1);
    assert.match(text, new RegExp(`^unhealthy: the daemon \\(pid ${number}\\) does not answer`));
    process.kill(number, 'SIGCONT');
    assert.deepEqual(await monitor(), healthy);
  });

  it('finds a killed daemon stopped; stop then cleans the kernel for it', async () => {
    process.kill(pid(), 'SIGKILL');
    while (existsSync(`/proc/${pid()}/exe`)) await new Promise(setImmediate);
    assert.deepEqual(await monitor(), [3, 'stopped']);
    assert.equal((await savedTable(net.director)).length, 2);
    assert.equal(await stop(), 0);
    assert.deepEqual(await savedTable(net.director), []);
    assert.equal(existsSync(pidFile), false);
  });

  it('cleans the kernel for a killed daemon also when its file is broken', async () => {
    process.kill(pid(), 'SIGKILL');
    ipvsd.write(`${good}nonsense=1\n`);
    assert.equal(await stop(), 0);
    assert.deepEqual(await savedTable(net.director), []);
  });

  it('says what stays when the file is broken and the daemon has left no word', async () => {
    process.kill(pid(), 'SIGKILL');
    rmSync('/run/ipvsd/monitor.cf.services');
    ipvsd.write(`${good}nonsense=1\n`);
    const { exitCode, stderr } = await ipvsd.call('CONFIG', 'stop');
    assert.equal(exitCode, 0);
    assert.match(stderr, /^ipvsd: .*monitor\.cf cannot be read, services .* stay in the kernel$/);
    assert.equal((await savedTable(net.director)).length, 2);
    await net.director.exec(['ipvsadm', '-C']);
  });

  it('refuses a wrong call', async () => {
    for (const words of [['5', 'CONFIG'], ['0']]) {
      const { exitCode, stderr } = await ipvsd.call('status', '--monitor', ...words);
      assert.equal(exitCode, 1);
      assert.match(stderr, /^ipvsd: .*expected .*$/);
    }
  });
});
