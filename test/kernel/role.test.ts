import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { nominalInstance } from '../../src/daemon/instance.ts';
import { type Ipvsd, ipvsdOn, savedTable, waitForTable } from '../support/ipvsd.ts';
import type { HostProcess } from '../support/topology/host-process.ts';
import type { NginxServer } from '../support/topology/nginx.ts';
import { createTopology, type Topology } from '../support/topology.ts';
import { unixConnections } from '../support/unix-connections.ts';

const vip = '10.9.0.200';
const patienceMs = 60_000;
const roleFile = '/run/ipvsd/role.cf.role';

const file = (further: string, checkIntervalS = 1) => `checkinterval=${checkIntervalS}
quiescent=no
logfile="/dev/null"
${further}
virtual=${vip}:80
\treal=10.9.0.101:80 gate
\treal=10.9.0.102:80 gate
\tservice=http
\trequest="/ok"
\tscheduler=rr
`;
const cleared = file('standbytable=clear');
const add = `-A -t ${vip}:80 -s rr`;
const row = (last: number) => `-a -t ${vip}:80 -r 10.9.0.${last}:80 -g -w 1`;
const whole = [add, row(101), row(102)];

describe('ipvsd role', () => {
  let net: Topology;
  let ipvsd: Ipvsd;
  let servers: readonly NginxServer[];
  let daemon: HostProcess | undefined;

  const run = async (...options: readonly string[]) => {
    daemon = await ipvsd.run(...options);
    return daemon;
  };
  const call = async (...words: readonly string[]) => {
    const { exitCode, stdout } = await ipvsd.call('role', ...words, 'CONFIG');
    return [exitCode, stdout.replace(ipvsd.configPath, 'CONFIG')];
  };
  const snapshot = async () =>
    JSON.parse((await ipvsd.call('status', '--json', 'CONFIG')).stdout)[0];
  const table = () => savedTable(net.director);

  before(async () => {
    net = await createTopology();
    servers = await Promise.all(net.reals.map((real) => real.nginx({ pages: { '/ok': 'ok' } })));
    await net.addVirtualAddress(vip);
  });
  beforeEach(async () => {
    ipvsd = ipvsdOn(net.director, `${net.directory}/etc`, 'role.cf', cleared);
    // as after a boot
    await net.director.exec(['rm', '-f', roleFile]);
  });
  afterEach(async () => {
    await daemon?.stop();
    daemon = undefined;
  });
  after(() => net?.teardown());

  it('stands by with nothing in the kernel, and is well; active, it has its table and its clients', async () => {
    await run('--role', 'standby');
    assert.deepEqual(await table(), []);
    assert.deepEqual(await call(), [0, 'standby']);
    for (const depth of ['0', '10', '20']) {
      const { exitCode, stdout } = await ipvsd.call('status', '--monitor', depth, 'CONFIG');
      assert.equal(exitCode, 0, stdout);
      assert.match(stdout, /healthy: in standby for 1 virtual servers$/);
    }
    const { stdout } = await ipvsd.call('status', 'CONFIG');
    assert.match(stdout, /^role {3}standby for .*: checks run, the table is cleared$/m);
    assert.equal((await ipvsd.call('plan', 'CONFIG')).exitCode, 0);
    assert.deepEqual(await call('active'), [0, 'active']);
    assert.deepEqual(await table(), whole);
    assert.equal((await net.client.fetch(`http://${vip}/ok`)).status, 200);
    assert.equal((await ipvsd.call('plan', 'CONFIG')).exitCode, 0);
    assert.deepEqual(await call('standby'), [0, 'standby']);
    assert.deepEqual(await table(), []);
    assert.deepEqual((await snapshot()).standby, { checks: 'full', table: 'clear' });
  });

  it('has what the checks of the standby found, when no check can have run since', async () => {
    const [first] = servers;
    assert.ok(first);
    await run('--role', 'standby');
    await first.stop();
    try {
      const health = async () => (await snapshot()).virtuals[0].reals[0].health;
      const begin = performance.now();
      while ((await health()) !== 'down') assert.ok(performance.now() - begin < patienceMs);
      // from here on an answer would take an hour
      ipvsd.write(file('standbytable=clear', 3600));
      daemon?.signal('SIGHUP');
      await daemon?.waitForOutput(/Reread new configuration/, patienceMs);
      assert.deepEqual(await call('active'), [0, 'active']);
      assert.deepEqual(await table(), [add, row(102)]);
    } finally {
      await first.start();
    }
  });

  it('survives reload, kill and restart, whatever run is told, and a boot it does not', async () => {
    const before = await run('--role', 'standby');
    assert.deepEqual(await call('active'), [0, 'active']);
    before.signal('SIGHUP');
    await before.waitForOutput(/Reread new configuration/, patienceMs);
    assert.deepEqual(await call(), [0, 'active']);
    before.signal('SIGKILL');
    await before.exited;
    await run('--role', 'standby');
    assert.deepEqual([await call(), await table()], [[0, 'active'], whole]);
    await call('standby');
    await daemon?.stop();
    assert.ok(existsSync(roleFile));
    // by ldirectord's form, without a word of a role
    assert.equal((await ipvsd.call('CONFIG', 'start')).exitCode, 0);
    assert.deepEqual([await call(), await table()], [[0, 'standby'], []]);
    assert.equal((await ipvsd.call('CONFIG', 'stop')).exitCode, 0);
    await net.director.exec(['sed', '-i', 's/"boot":"./&x/', roleFile]);
    await run();
    assert.deepEqual([await call(), await table()], [[0, 'active'], whole]);
  });

  it('says to the caller that a restart will not know it', async () => {
    await run();
    await net.director.exec(['rm', roleFile], { allowFailure: true });
    // a folder stands for a disk that is full
    await net.director.exec(['mkdir', roleFile]);
    const { exitCode, stdout, stderr } = await ipvsd.call('role', 'standby', 'CONFIG');
    await net.director.exec(['rmdir', roleFile]);
    assert.deepEqual([exitCode, stdout, await table()], [0, 'standby', []]);
    const said = `${roleFile}: cannot be written, a restart forgets the role: illegal operation on a directory`;
    assert.equal(stderr, `ipvsd: role: ${said}`);
  });

  it('given before the daemon is there, counts for its start', async () => {
    assert.deepEqual(await call(), [3, 'ipvsd is stopped for CONFIG']);
    const answer = 'ipvsd is stopped for CONFIG, starts as standby';
    assert.deepEqual(await call('standby'), [3, answer]);
    assert.equal((await ipvsd.call('plan', 'CONFIG')).exitCode, 0);
    await run();
    assert.deepEqual([await call(), await table()], [[0, 'standby'], []]);
  });

  it('given while the daemon starts, is not lost', async () => {
    const starting = ipvsd.run('--role', 'standby');
    let exitCode: unknown;
    do [exitCode] = await call('active');
    while (exitCode === 3 && !(await hasEnded(starting)));
    daemon = await starting;
    assert.deepEqual([await call(), await table()], [[0, 'active'], whole]);
  });

  it('given to a daemon that does not answer, counts for the next start', async () => {
    const { socketPath } = nominalInstance(ipvsd.configPath);
    const script = `require('net').createServer((one) => one.destroy()).listen('${socketPath}', () => console.log('here'))`;
    const deaf = net.director.spawn([process.execPath, '-e', script]);
    await deaf.waitForOutput(/here/, patienceMs);
    assert.deepEqual(await call('standby'), [1, '']);
    await deaf.stop();
    await run();
    assert.deepEqual([await call(), await table()], [[0, 'standby'], []]);
  });

  it('given to a daemon that is killed over it, counts for the next start', async () => {
    const killed = await run('--role', 'standby');
    const { socketPath } = nominalInstance(ipvsd.configPath);
    killed.signal('SIGSTOP');
    const ordered = call('active');
    await until(() => unixConnections(killed.pid, socketPath) > 0);
    killed.signal('SIGKILL');
    await killed.exited;
    assert.deepEqual(await ordered, [3, 'ipvsd is stopped for CONFIG, starts as active']);
    await run('--role', 'standby');
    assert.deepEqual([await call(), await table()], [[0, 'active'], whole]);
  });

  it('is the one that was given last, after a storm of roles and reloads', async () => {
    const stormed = await run('--role', 'standby');
    const orders = ['active', 'standby', 'active', 'standby', 'active', 'standby'].map((role) => {
      stormed.signal('SIGHUP');
      return call(role).then((answer) => assert.deepEqual(answer, [0, role]));
    });
    await Promise.all(orders);
    const [, last] = await call();
    const { role } = JSON.parse(readFileSync(roleFile, 'utf8'));
    assert.deepEqual([role, await table()], [last, last === 'active' ? whole : []]);
    for (const next of ['standby', 'active']) {
      stormed.signal('SIGHUP');
      assert.deepEqual(await call(next), [0, next]);
    }
    assert.deepEqual(await table(), whole);
    await stormed.waitForOutput(/Reread new configuration/, patienceMs);
    assert.doesNotMatch(stormed.output(), /Real server down|crashed/);
  });

  it('can be given to a daemon whose control socket was removed, which can be stopped as well', async () => {
    assert.equal((await ipvsd.call('CONFIG', 'start')).exitCode, 0);
    const { socketPath, pidFile } = nominalInstance(ipvsd.configPath);
    rmSync(dirname(socketPath), { recursive: true });
    assert.deepEqual(await call('standby'), [0, 'standby']);
    assert.deepEqual(await table(), []);
    const pid = Number(readFileSync(pidFile, 'utf8'));
    process.kill(pid, 'SIGSTOP');
    rmSync(socketPath);
    // nobody calls it stopped
    const [status, monitored] = await Promise.all([
      ipvsd.call('status', 'CONFIG'),
      ipvsd.call('status', '--monitor', '0', 'CONFIG'),
    ]);
    process.kill(pid, 'SIGCONT');
    assert.deepEqual([status.exitCode, status.stdout, monitored.exitCode], [1, '', 1]);
    assert.match(status.stderr, /^ipvsd: status: a daemon is there but does not answer: /);
    assert.match(monitored.stdout, /unhealthy: the daemon \(pid \d+\) does not answer: /);
    rmSync(socketPath, { force: true });
    assert.equal((await ipvsd.call('CONFIG', 'stop')).exitCode, 0);
    assert.equal(existsSync(`/proc/${pid}/exe`), false);
  });

  it('keeps the table true in standby, where the file says nothing else', async () => {
    ipvsd.write(file(''));
    await run('--role', 'standby');
    assert.deepEqual(await table(), whole);
    const [, second] = servers;
    assert.ok(second);
    await second.stop();
    await waitForTable(net.director, [add, row(101)], patienceMs);
    await second.start();
    await waitForTable(net.director, whole, patienceMs);
  });
});

async function until(isSo: () => boolean): Promise<void> {
  const begin = performance.now();
  while (!isSo()) {
    assert.ok(performance.now() - begin < patienceMs);
    await sleep(50);
  }
}

/** Whether a promise is settled by now. */
function hasEnded(work: Promise<unknown>): Promise<boolean> {
  return Promise.race([
    work.then(
      () => true,
      () => true,
    ),
    sleep(0).then(() => false),
  ]);
}
