import assert from 'node:assert/strict';
import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { ipvsdOn, program, savedTable, waitForTable } from '../support/ipvsd.ts';
import { ldirectordOn } from '../support/ldirectord.ts';
import { createTopology, type Topology } from '../support/topology.ts';

const patienceMs = 60_000;
const good = `checkinterval=1
logfile="/dev/null"
virtual=10.9.0.200:80
\treal=10.9.0.101:80 gate
\tchecktype=on
`;

describe('a daemon that ends', () => {
  let net: Topology;
  const file = (name: string, text: string) =>
    ipvsdOn(net.director, `${net.directory}/etc`, name, text);
  const pid = (name: string) => Number(readFileSync(`/var/run/ldirectord.${name}.pid`, 'utf8'));

  before(async () => {
    net = await createTopology({ clients: 1, reals: 0 });
  });
  after(() => net?.teardown());

  it('is waited for by a start of the next one', async () => {
    const slow = `${net.directory}/slow`;
    writeFileSync(slow, `#!/bin/sh\n[ "$1" = stop ] && sleep 9\n`);
    chmodSync(slow, 0o755);
    // no real server is up, so that the command is owed its stop
    const down = good.replace('checktype=on', 'checktype=off');
    const ipvsd = file('wait.cf', `${down}\tfallback=127.0.0.1\n\tfallbackcommand=${slow}\n`);
    assert.equal((await ipvsd.call('CONFIG', 'start')).exitCode, 0);
    const served = await savedTable(net.director);
    assert.equal(served.length, 2);
    const first = pid('wait.cf');
    process.kill(first, 'SIGTERM');
    const state = async () =>
      JSON.parse((await ipvsd.call('status', '--json', 'CONFIG')).stdout)[0]?.state;
    while ((await state()) !== 'stopping') assert.ok(existsSync(`/proc/${first}/exe`));
    const { exitCode, stderr } = await ipvsd.call('CONFIG', 'start');
    assert.deepEqual([exitCode, stderr], [0, '']);
    assert.notEqual(pid('wait.cf'), first);
    assert.equal(existsSync(`/proc/${first}/exe`), false);
    assert.deepEqual(await savedTable(net.director), served);
    assert.equal((await ipvsd.call('CONFIG', 'stop')).exitCode, 0);
  });

  for (const [what, content] of [
    ['is gone', undefined],
    ['names nobody', '4194305\n'],
  ] as const) {
    it(`ends by a stop, also when its pid file ${what}, and its file with it`, async () => {
      const ipvsd = file('lost.cf', good);
      const pidFile = '/var/run/ldirectord.lost.cf.pid';
      assert.equal((await ipvsd.call('CONFIG', 'start')).exitCode, 0);
      const number = pid('lost.cf');
      rmSync(ipvsd.configPath);
      rmSync(pidFile);
      if (content !== undefined) writeFileSync(pidFile, content);
      assert.equal((await ipvsd.call('status', '--monitor', '0', 'CONFIG')).exitCode, 0);
      assert.equal((await ipvsd.call('CONFIG', 'stop')).exitCode, 0);
      assert.equal(existsSync(`/proc/${number}/exe`), false);
      assert.deepEqual(await savedTable(net.director), []);
      assert.equal((await ipvsd.call('status', '--monitor', '0', 'CONFIG')).exitCode, 3);
      rmSync(pidFile, { force: true });
    });
  }

  it('is none of another file of its name: start says so', async () => {
    const ipvsd = file('twin.cf', good);
    assert.equal((await ipvsd.call('CONFIG', 'start')).exitCode, 0);
    const other = ipvsdOn(net.director, `${net.directory}/other`, 'twin.cf', good);
    const { exitCode, stderr } = await other.call('CONFIG', 'start');
    const said = `ipvsd: already running for ${ipvsd.configPath} with pid ${pid('twin.cf')}`;
    assert.deepEqual([exitCode, stderr], [1, said]);
    assert.equal((await ipvsd.call('CONFIG', 'start')).exitCode, 0);
    assert.equal((await ipvsd.call('CONFIG', 'stop')).exitCode, 0);
  });

  it('is ldirectord in Perl: it is named as such, and its table outlives the change to ours', async () => {
    const ipvsd = file('perl.cf', good);
    assert.equal((await ldirectordOn(net.director, ipvsd.configPath).call('start')).exitCode, 0);
    // it returns before its table is there
    const served = ['-A -t 10.9.0.200:80 -s wrr', '-a -t 10.9.0.200:80 -r 10.9.0.101:80 -g -w 1'];
    await waitForTable(net.director, served, patienceMs);
    const first = pid('perl.cf');
    const named = new RegExp(`pid ${first} is ldirectord.*"restart".* ipvsd in its place$`);
    for (const words of [['start'], ['role'], ['status'], ['status', '--monitor', '0']]) {
      const call = words[0] === 'start' ? ['CONFIG', ...words] : [...words, 'CONFIG'];
      const { exitCode, stdout, stderr } = await ipvsd.call(...call);
      assert.equal(exitCode, 1);
      assert.match(`${stdout}${stderr}`, named);
    }
    assert.equal(pid('perl.cf'), first);
    // as CLUSTERS in ipvsd(8) has it
    process.kill(first, 'SIGKILL');
    assert.deepEqual(await savedTable(net.director), served);
    assert.equal((await ipvsd.call('CONFIG', 'start')).exitCode, 0);
    assert.equal((await ipvsd.call('status', '--monitor', '10', 'CONFIG')).exitCode, 0);
    assert.deepEqual(await savedTable(net.director), served);
    assert.equal((await ipvsd.call('CONFIG', 'stop')).exitCode, 0);
  });

  it('is not called running when it hangs, nor stopped, and is ended by restart and stop', async () => {
    const ipvsd = file('hung.cf', good);
    assert.equal((await ipvsd.call('CONFIG', 'start')).exitCode, 0);
    const served = await savedTable(net.director);
    const first = pid('hung.cf');
    process.kill(first, 'SIGSTOP');
    rmSync('/var/run/ldirectord.hung.cf.pid');
    const [monitor, start, run] = await Promise.all([
      ipvsd.call('status', '--monitor', '0', 'CONFIG'),
      ipvsd.call('CONFIG', 'start'),
      ipvsd.call('run', 'CONFIG'),
    ]);
    assert.equal(monitor.exitCode, 1);
    assert.match(monitor.stdout, / unhealthy: the daemon does not answer: /);
    const said = `ipvsd: the daemon (pid ${first}) does not answer: expected "restart", or "stop", to end it`;
    assert.deepEqual([start.exitCode, start.stderr], [1, said]);
    const refused = `ipvsd: already running with pid ${first}, which does not answer`;
    assert.deepEqual([run.exitCode, run.stdout, run.stderr], [1, '', refused]);

    const killed = (number: number) => `ipvsd: pid ${number} does not answer, killing it`;
    const restart = await ipvsd.call('CONFIG', 'restart');
    assert.deepEqual([restart.exitCode, restart.stderr], [0, killed(first)]);
    assert.equal(existsSync(`/proc/${first}/exe`), false);
    assert.deepEqual(await savedTable(net.director), served);
    const second = pid('hung.cf');
    process.kill(second, 'SIGSTOP');
    const stop = await ipvsd.call('CONFIG', 'stop');
    assert.deepEqual([stop.exitCode, stop.stderr], [0, killed(second)]);
    assert.equal(existsSync(`/proc/${second}/exe`), false);
    assert.deepEqual(await savedTable(net.director), []);
    assert.equal((await ipvsd.call('status', '--monitor', '0', 'CONFIG')).exitCode, 3);
  });

  it('is gone also where nobody waits for it, as in a container without init', async () => {
    const ipvsd = file('unreaped.cf', good);
    const run = ['sh', '-c', '"$@" & exec sleep 1000', 'sh', process.execPath, program, 'run'];
    const parent = net.director.spawn([...run, ipvsd.configPath]);
    await parent.waitForOutput(/Serving 1 virtual servers/, patienceMs);
    const number = pid('unreaped.cf');
    const { exitCode, stderr } = await ipvsd.call('CONFIG', 'stop');
    assert.deepEqual([exitCode, stderr], [0, '']);
    assert.match(readFileSync(`/proc/${number}/status`, 'utf8'), /^State:\tZ/m);
    await parent.stop();
  });

  it('leaves nothing to a stop when it was killed without a pid file', async () => {
    const ipvsd = file('lost.cf', good);
    assert.equal((await ipvsd.call('CONFIG', 'start')).exitCode, 0);
    process.kill(pid('lost.cf'), 'SIGKILL');
    rmSync('/var/run/ldirectord.lost.cf.pid');
    assert.equal((await savedTable(net.director)).length, 2);
    assert.equal((await ipvsd.call('CONFIG', 'stop')).exitCode, 0);
    assert.deepEqual(await savedTable(net.director), []);
  });

  it('killed in another network namespace is stopped there, or nowhere once that is gone', async () => {
    const ipvsd = file('far.cf', good);
    await net.director.exec(['ip', 'netns', 'add', 'far']);
    const far = (...words: readonly string[]) =>
      net.director.exec(['ip', 'netns', 'exec', 'far', ...words], { allowFailure: true });
    const farCall = (action: string) => far(process.execPath, program, ipvsd.configPath, action);
    const killFar = async () => {
      assert.equal((await farCall('start')).exitCode, 0);
      process.kill(pid('far.cf'), 'SIGKILL');
    };
    await killFar();
    // another's service of the same address
    await net.director.exec(['ipvsadm', '-A', '-t', '10.9.0.200:80', '-s', 'lc']);
    const others = await savedTable(net.director);
    const { exitCode, stderr } = await ipvsd.call('CONFIG', 'stop');
    assert.equal(exitCode, 1);
    assert.match(
      stderr,
      /^ipvsd: services of the killed daemon are in another network namespace, stop it there: net:\[\d+\]$/,
    );
    assert.equal((await farCall('stop')).exitCode, 0);
    assert.equal((await far('ipvsadm', '-Sn')).stdout.trim(), '');
    await killFar();
    await net.director.exec(['ip', 'netns', 'del', 'far']);
    assert.equal((await ipvsd.call('CONFIG', 'stop')).exitCode, 0);
    assert.deepEqual(await savedTable(net.director), others);
    await net.director.exec(['ipvsadm', '-C']);
  });

  it('killed in another network namespace is told of at a start in this one', async () => {
    const ipvsd = file('moved.cf', good);
    const far = net.host('client1').spawn([process.execPath, program, 'run', ipvsd.configPath]);
    await far.waitForOutput(/Serving 1 virtual servers/);
    await far.kill();
    const daemon = await ipvsd.run();
    assert.match(
      daemon.output(),
      /"level":"warn".*"Services of a killed daemon stay in another network namespace: net:\[\d+\]"/,
    );
    await daemon.stop();
    assert.deepEqual(await savedTable(net.director), []);
  });

  it('is one, and serves, when several starts come within a moment', async () => {
    // without an answer of the server the start takes a second: one of the calls finds it at that
    const unanswered = good.replace('checktype=on', 'checktype=connect');
    const ipvsd = file('several.cf', unanswered);
    const start = async (_: unknown, index: number) => {
      await sleep(index * 300);
      const { exitCode, stderr } = await ipvsd.call('CONFIG', 'start');
      return [exitCode, stderr, await savedTable(net.director)];
    };
    const starts = await Promise.all(Array.from({ length: 4 }, start));
    const served = [0, '', ['-A -t 10.9.0.200:80 -s wrr']];
    assert.deepEqual(starts, [served, served, served, served]);
    assert.equal((await ipvsd.call('CONFIG', 'stop')).exitCode, 0);
    assert.deepEqual(await savedTable(net.director), []);
  });

  it('may be of a file with the name of a command', async () => {
    file('sync', good);
    const call = (action: string) =>
      net.director.exec(
        ['env', '-C', `${net.directory}/etc`, process.execPath, program, '--', 'sync', action],
        { allowFailure: true },
      );
    assert.equal((await call('start')).exitCode, 0);
    assert.equal((await savedTable(net.director)).length, 2);
    const number = pid('sync');
    assert.equal((await call('restart')).exitCode, 0);
    assert.notEqual(pid('sync'), number);
    assert.equal((await call('stop')).exitCode, 0);
    assert.deepEqual(await savedTable(net.director), []);
  });

  it('says in a line that /run cannot be written any more', async () => {
    const { configPath } = file('frozen.cf', good);
    const own = ['unshare', '--mount', 'sh', '-euc', 'mount --bind /run /run; exec "$@"', 'sh'];
    const daemon = net.director.spawn([...own, process.execPath, program, 'run', configPath]);
    await daemon.waitForOutput(/Serving 1 virtual servers/, patienceMs);
    const freeze = ['mount', '-o', 'remount,bind,ro', '/run'];
    await net.director.exec(['nsenter', '-t', String(daemon.pid), '-m', ...freeze]);
    await daemon.stop();
    assert.equal(await daemon.exited, 0);
    assert.match(daemon.output(), /terminated on signal: TERM/);
    assert.match(daemon.output(), /cannot remove pid file \S+: read-only file system/);
    assert.doesNotMatch(daemon.output(), /^ +at |crashed/m);
    assert.deepEqual(await savedTable(net.director), []);
    while (existsSync(`/proc/${daemon.pid}/exe`)) await sleep(10);
  });

  it('takes a SIGHUP that comes while it starts', async () => {
    const { configPath } = file('early.cf', good);
    const daemon = net.director.spawn([process.execPath, program, 'run', configPath]);
    const pidFile = '/var/run/ldirectord.early.cf.pid';
    while (!existsSync(pidFile) || pid('early.cf') !== daemon.pid) await sleep(1);
    daemon.signal('SIGHUP');
    await daemon.waitForOutput(/Reread new configuration/, patienceMs);
    assert.match(daemon.output(), /Serving 1 virtual servers/);
    await daemon.stop();
    assert.equal(await daemon.exited, 0);
  });

  it('does not hang in a start without enough open files', async () => {
    const { configPath } = file('few.cf', good);
    const limit = ['sh', '-c', 'ulimit -n 64; exec "$@"', 'sh', process.execPath, program];
    for (const call of [
      ['run', configPath],
      [configPath, 'start'],
    ]) {
      const { exitCode, stderr } = await net.director.exec([...limit, ...call], {
        allowFailure: true,
      });
      assert.equal(exitCode, 1);
      assert.match(stderr, /^ipvsd: too many open files: expected a limit of 1024 .*$/);
    }
  });
});
