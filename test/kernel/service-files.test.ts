import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { execa } from 'execa';
import { contrib, installCommand } from '../support/ha/agents.ts';
import { savedTable, waitForTable } from '../support/ipvsd.ts';
import type { HostProcess } from '../support/topology/host-process.ts';
import type { NginxServer } from '../support/topology/nginx.ts';
import { createTopology, type Topology } from '../support/topology.ts';
import { waitUntil } from '../support/wait-until.ts';

const vip = '10.9.0.200';
const unit = path.join(contrib, 'systemd/ipvsd@.service');
const rotation = path.join(contrib, 'logrotate/ipvsd');
const log = '/var/log/ldirectord.log';
const instance = 'service.cf';
const pidFile = `/run/ldirectord.${instance}.pid`;
const patienceMs = 60_000;

/** The value of a key of the unit, for the instance. */
function unitValue(key: string): string {
  const found = new RegExp(`^${key}=(.+)$`, 'm').exec(readFileSync(unit, 'utf8'))?.[1];
  assert.ok(found !== undefined, key);
  return found.replaceAll('%i', instance);
}

describe('files for systemd and logrotate', () => {
  let net: Topology;
  let web: NginxServer;
  let folder: string;
  const config = (weight: number, more = '') => `checkinterval=1
${more}quiescent=yes
virtual=${vip}:80
        real=10.9.0.101:80 gate ${weight}
        service=http
        request="/"
        receive="real1"
        scheduler=rr
virtual=${vip}:81
        real=10.9.0.101:81 gate
        checktype=ping
        scheduler=rr
`;
  const table = (weight: number) => [
    `-A -t ${vip}:80 -s rr`,
    `-a -t ${vip}:80 -r 10.9.0.101:80 -g -w ${weight}`,
    `-A -t ${vip}:81 -s rr`,
    `-a -t ${vip}:81 -r 10.9.0.101:81 -g -w 1`,
  ];
  /** A command of the unit with what the unit leaves it: capabilities and files. */
  const asUnit = (key: string, ...environment: readonly string[]) => {
    const { PATH = '' } = process.env;
    const set = unitValue('CapabilityBoundingSet').toLowerCase().replaceAll('cap_', '+');
    const limited = [
      'setpriv',
      `--bounding-set=-all,${set.replaceAll(' ', ',')}`,
      '--inh-caps=-all',
    ];
    const files = ['prlimit', `--nofile=${unitValue('LimitNOFILE')}`];
    const words = unitValue(key).split(' ');
    return [...files, ...limited, 'env', `PATH=${folder}:${PATH}`, ...environment, ...words];
  };
  /** Returns when systemd would call it started. */
  const start = async () => {
    const socket = path.join(net.directory, 'notify');
    rmSync(socket, { force: true });
    const systemd = net.director.spawn(['socat', '-u', `UNIX-RECV:${socket}`, '-']);
    await waitUntil('systemd listens', patienceMs, () => existsSync(socket));
    const daemon = net.director.spawn(asUnit('ExecStart', `NOTIFY_SOCKET=${socket}`));
    await systemd.waitForOutput(/READY=1/, patienceMs);
    await systemd.stop();
    return daemon;
  };
  let daemon: HostProcess;
  const pid = () => Number(readFileSync(pidFile, 'utf8'));

  before(async () => {
    net = await createTopology({ reals: 1 });
    web = await net.host('real1').nginx();
    await net.addVirtualAddress(vip);
    folder = path.dirname(await installCommand(net.directory));
    mkdirSync('/etc/ha.d', { recursive: true });
    writeFileSync(`/etc/ha.d/${instance}`, config(1));
  });
  after(() => net?.teardown());

  it('please systemd-analyze', async () => {
    // it looks for commands in the folders of the machine only
    const text = readFileSync(unit, 'utf8').replaceAll('=ipvsd ', `=${folder}/ipvsd `);
    const copy = path.join(net.directory, 'ipvsd@.service');
    writeFileSync(copy, text);
    const { exitCode, all } = await execa(
      'systemd-analyze',
      ['verify', '--man=no', '--recursive-errors=no', copy],
      { all: true, reject: false },
    );
    // of units of others, which it reads too, it may have something to say
    const said = all.split('\n').filter((line) => line.includes('ipvsd@'));
    assert.deepEqual([exitCode, said], [0, []], all);
  });

  it('start, reload and stop the daemon with no more rights than the unit has', async () => {
    assert.equal(unitValue('Type'), 'notify');
    daemon = await start();
    assert.deepEqual(await savedTable(net.director), table(1));
    const status = readFileSync(`/proc/${pid()}/status`, 'utf8');
    assert.match(status, /^CapBnd:\t00000000000030e2$/m);
    assert.match(readFileSync(`/proc/${pid()}/limits`, 'utf8'), /^Max open files +65536 +65536/m);
    writeFileSync(`/etc/ha.d/${instance}`, config(5));
    await net.director.exec(asUnit('ExecReload'));
    await waitForTable(net.director, table(5), patienceMs);
  });

  it('rotate the log, which goes on in a new file', async () => {
    const before = readFileSync(log, 'utf8');
    assert.ok(before !== '');
    await execa('logrotate', ['--force', '--state', path.join(net.directory, 'state'), rotation]);
    assert.ok(readFileSync(`${log}.1`, 'utf8').startsWith(before));
    await waitUntil('the file is there again', patienceMs, () => existsSync(log));
    await web.stop();
    const said = () => readFileSync(log, 'utf8').includes('10.9.0.101:80');
    await waitUntil('a line about the failed server', patienceMs, said);
  });

  it('takes over from a daemon that was killed, also with supervised, and ends with SIGTERM', async () => {
    await web.start();
    process.kill(pid(), 'SIGKILL');
    await daemon.exited;
    writeFileSync(`/etc/ha.d/${instance}`, config(6, 'supervised=yes\n'));
    daemon = await start();
    assert.deepEqual(await savedTable(net.director), table(6));
    process.kill(pid(), 'SIGTERM');
    assert.equal(await daemon.exited, 0);
    assert.deepEqual(await savedTable(net.director), []);
    assert.equal(existsSync(pidFile), false);
  });
});
