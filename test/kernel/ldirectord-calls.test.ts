import assert from 'node:assert/strict';
import { existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { after, before, beforeEach, describe, it } from 'node:test';
import { type Ipvsd, ipvsdOn, program, savedTable, waitForTable } from '../support/ipvsd.ts';
import { seed004 } from '../support/seeds.ts';
import { createTopology, type Topology } from '../support/topology.ts';

const vip = '10.9.0.200';
const pidFile = '/var/run/ldirectord.calls.cf.pid';
const service = [`-A -t ${vip}:80 -s rr`, `-a -t ${vip}:80 -r 10.9.0.101:80 -g -w 1`];

describe("ldirectord's calling form", () => {
  let net: Topology;
  let ipvsd: Ipvsd;
  const good = seed004({ vip, reals: ['10.9.0.101'] });
  const pid = () => Number(readFileSync(pidFile, 'utf8'));
  const call = async (action: string) => {
    const { exitCode, stdout, stderr } = await ipvsd.call('CONFIG', action);
    return { exitCode, stdout, stderr };
  };
  const silent = { exitCode: 0, stdout: '', stderr: '' };
  const isAlive = (number: number) => existsSync(`/proc/${number}/exe`);

  before(async () => {
    net = await createTopology({ reals: 1 });
    await net.host('real1').nginx({ pages: { '/ldirector.html': 'Test Page' } });
    await net.addVirtualAddress(vip);
    ipvsd = ipvsdOn(net.director, `${net.directory}/etc`, 'calls.cf', good);
  });
  beforeEach(async () => {
    ipvsd.write(good);
    await call('stop');
  });
  after(async () => {
    await call('stop');
    await net.teardown();
  });

  it('start: returns when the rules are applied; a second start does nothing', async () => {
    assert.deepEqual(await call('start'), silent);
    assert.deepEqual(await savedTable(net.director), service);
    const first = pid();
    assert.deepEqual(await call('start'), silent);
    assert.equal(pid(), first);
  });

  it('start: leaves the arguments as they are, for pgrep', async () => {
    await call('start');
    const words = readFileSync(`/proc/${pid()}/cmdline`, 'utf8').split('\0');
    assert.deepEqual(words.slice(1, 4), [program, ipvsd.configPath, 'start']);
  });

  it('stop: returns when the daemon is gone and the kernel is clean; a second stop is fine', async () => {
    await call('start');
    const number = pid();
    assert.deepEqual(await call('stop'), silent);
    assert.equal(isAlive(number), false);
    assert.equal(existsSync(pidFile), false);
    assert.deepEqual(await savedTable(net.director), []);
    assert.deepEqual(await call('stop'), silent);
  });

  it('status: says running, stopped or stale, with its exit codes', async () => {
    const stopped = `ldirectord is stopped for ${ipvsd.configPath}\n`.trimEnd();
    assert.deepEqual(await call('status'), { exitCode: 3, stdout: stopped, stderr: '' });
    await call('start');
    const running = `ldirectord for ${ipvsd.configPath} is running with pid: ${pid()}`;
    assert.deepEqual(await call('status'), { exitCode: 0, stdout: '', stderr: running });
    await call('stop');
    writeFileSync(pidFile, '999999\n');
    const stale = `ldirectord stale pid file ${pidFile} for ${ipvsd.configPath}`;
    assert.deepEqual(await call('status'), { exitCode: 1, stdout: stopped, stderr: stale });
  });

  it('restart: another process, the same table', async () => {
    await call('start');
    const first = pid();
    assert.deepEqual(await call('restart'), silent);
    assert.notEqual(pid(), first);
    assert.deepEqual(await savedTable(net.director), service);
  });

  it('try-restart: nothing when stopped', async () => {
    assert.deepEqual(await call('try-restart'), silent);
    assert.equal(existsSync(pidFile), false);
    await call('start');
    const first = pid();
    assert.deepEqual(await call('try-restart'), silent);
    assert.notEqual(pid(), first);
  });

  for (const action of ['reload', 'force-reload']) {
    it(`${action}: puts the new file in force, fails when stopped`, async () => {
      const stopped = await call(action);
      assert.equal(stopped.exitCode, 1);
      assert.match(stopped.stderr, /ldirectord is stopped for/);
      await call('start');
      const first = pid();
      ipvsd.write(good.replace('scheduler=rr', 'scheduler=wlc'));
      assert.deepEqual(await call(action), silent);
      const changed = [`-A -t ${vip}:80 -s wlc`, ...service.slice(1)];
      await waitForTable(net.director, changed, 30_000);
      assert.equal(pid(), first);
    });
  }

  it('a broken file: exit 2, daemon and pid file untouched; stop stops all the same', async () => {
    await call('start');
    const number = pid();
    ipvsd.write(`${good}        nonsense=1\n`);
    for (const action of ['start', 'status', 'reload', 'restart', 'try-restart']) {
      const { exitCode, stderr } = await call(action);
      assert.equal(exitCode, 2, action);
      assert.match(stderr, /calls\.cf:\d+:\d+: .*nonsense/, action);
      assert.equal(pid(), number);
    }
    assert.deepEqual(await savedTable(net.director), service);
    assert.equal((await call('stop')).exitCode, 0);
    assert.equal(isAlive(number), false);
  });

  it('a bad file on SIGHUP keeps the old configuration whole, and status says so', async () => {
    await call('start');
    ipvsd.write(
      good.replace('quiescent=yes', 'quiescent=maybe').replace('=10.9.0.101', '=10.9.0.1'),
    );
    process.kill(pid(), 'SIGHUP');
    const deadline = Date.now() + 30_000;
    let status = '';
    while (!/NOT RELOADED: .*quiescent/.test(status)) {
      assert.ok(Date.now() < deadline, status);
      status = (await ipvsd.call('status')).stdout;
    }
    assert.deepEqual(await savedTable(net.director), service);
    await net.host('real1').exec(['pkill', '-9', 'nginx'], { allowFailure: true });
    await waitForTable(
      net.director,
      [
        `-A -t ${vip}:80 -s rr`,
        service[1]?.replace('-w 1', '-w 0') ?? '',
        `-a -t ${vip}:80 -r 127.0.0.1:80 -g -w 1`,
      ],
      30_000,
    );
    await net.host('real1').nginx({ pages: { '/ldirector.html': 'Test Page' } });
  });

  it('autoreload=yes: a changed file comes into force by itself, a touched one does nothing', async () => {
    const auto = good.replace('autoreload=no', 'autoreload=yes');
    ipvsd.write(auto);
    await call('start');
    ipvsd.write(auto);
    ipvsd.write(auto.replace('scheduler=rr', 'scheduler=lc'));
    await waitForTable(net.director, [`-A -t ${vip}:80 -s lc`, ...service.slice(1)], 30_000);
  });

  it('works under the name ldirectord, also with a file that is only a name in /etc/ha.d', async () => {
    const name = `${net.directory}/ldirectord`;
    symlinkSync(program, name);
    const named = async (...args: readonly string[]) =>
      net.director.exec([process.execPath, name, ...args], { allowFailure: true });
    assert.equal((await named(ipvsd.configPath, 'start')).exitCode, 0);
    assert.match((await named(ipvsd.configPath, 'status')).stderr, /is running with pid: \d+/);
    assert.equal((await named(ipvsd.configPath, 'stop')).exitCode, 0);
    const unknown = await named('no-such.cf', 'start');
    assert.deepEqual(
      [unknown.exitCode, /Config file no-such\.cf not found/.test(unknown.stderr)],
      [1, true],
    );
    for (const wrong of [[], ['launch'], ['-x', 'start'], ['start', '-d']]) {
      const { exitCode, stdout } = await named(...wrong);
      assert.equal(exitCode, 255, wrong.join(' '));
      assert.match(stdout, /ACTION/);
    }
  });

  it('-d: stays in foreground without pid file and logs to stderr', async () => {
    const daemon = net.director.spawn([process.execPath, program, '-d', ipvsd.configPath, 'start']);
    await daemon.waitForOutput(/Serving 1 virtual servers/, 20_000);
    assert.equal(existsSync(pidFile), false);
    await daemon.stop();
    assert.equal(await daemon.exited, 0);
    assert.deepEqual(await savedTable(net.director), []);
  });
});
