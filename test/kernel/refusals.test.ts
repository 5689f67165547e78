import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type Ipvsd, ipvsdOn, program, savedTable } from '../support/ipvsd.ts';
import type { ExecResult } from '../support/topology/host.ts';
import { createTopology, type Topology } from '../support/topology.ts';

const section = `virtual=10.9.0.200:80
        real=10.9.0.101:80 gate
        checktype=on
`;
const head = 'checkinterval=1\nlogfile="/dev/null"\n';
const good = head + section;
/** What is in the kernel meanwhile; a daemon that began its work would change it. */
const table = [
  '-A -t 10.9.0.200:80 -s lc',
  '-a -t 10.9.0.200:80 -r 10.9.0.9:80 -g -w 1',
  '-A -t 10.9.0.231:80 -s rr',
  '-a -t 10.9.0.231:80 -r 10.9.0.7:80 -g -w 1',
];
/** Every byte there is, and a long line. */
const garbage = Buffer.from(Array.from({ length: 3000 }, (_, i) => (i * i * 31 + i * 7) % 256));

let net: Topology;
let folder: string;
const file = (name: string, text: string | Buffer): Ipvsd => {
  const ipvsd = ipvsdOn(net.director, folder, name, '');
  writeFileSync(ipvsd.configPath, text);
  return ipvsd;
};
const fillTable = async () => {
  await net.director.exec(['ipvsadm', '-C']);
  await net.director.exec(['ipvsadm', '-R'], { input: `${table.join('\n')}\n` });
};
/** Runs ipvsd under a command that takes something away from it. */
const under = (wrapper: readonly string[], ...args: readonly string[]) =>
  net.director.exec([...wrapper, process.execPath, program, ...args], { allowFailure: true });

/** Refused with that first line and exit code, in lines fit to read, with the kernel as it was. */
const assertRefused = async (result: ExecResult, line: RegExp, exitCode: number) => {
  const lines = result.stderr.split('\n');
  assert.match(lines[0] ?? '', line);
  assert.equal(result.exitCode, exitCode);
  assert.equal(result.stdout, '');
  assert.doesNotMatch(result.stderr, /^ +at |node:/m);
  assert.ok(lines.every((text) => text.length < 500));
  assert.deepEqual(await savedTable(net.director), table);
};

before(async () => {
  net = await createTopology({ clients: 0, reals: 0 });
  folder = `${net.directory}/etc`;
  mkdirSync(folder);
  await fillTable();
});
after(() => net?.teardown());

describe('a file with errors', () => {
  const files = [
    { name: 'garbage', text: garbage, line: /garbage\.cf: warning: not UTF-8/ },
    {
      name: 'port',
      text: good.replace('.200:80', '.200:99999'),
      line: /port\.cf:3:20: virtual: expected a port 0\.\.65535 .*, got "99999"$/,
    },
    {
      name: 'name',
      text: good.replace('10.9.0.101', 'no-such-host.invalid'),
      line: /name\.cf:4:14: real: "no-such-host\.invalid" does not resolve to an IPv4 address$/,
    },
    {
      name: 'reversed',
      text: 'quiescent=maybe\nchecktimeout=-\n',
      line: /reversed\.cf:1:11: quiescent: expected "yes" or "no", got "maybe"$/,
    },
  ];
  for (const { name, text, line } of files) {
    it(`${name}: exit code 2, for "plan" 1`, async () => {
      const ipvsd = file(`${name}.cf`, text);
      await assertRefused(await ipvsd.call('run', 'CONFIG'), line, 2);
      await assertRefused(await ipvsd.call('CONFIG', 'start'), line, 2);
      await assertRefused(await ipvsd.call('CONFIG', 'status'), line, 2);
      await assertRefused(await ipvsd.call('plan', 'CONFIG'), line, 1);
    });
  }
});

describe('a file that is none', () => {
  it('is not found, exit code 1', async () => {
    mkdirSync(path.join(folder, 'folder.cf'));
    for (const name of ['missing.cf', 'folder.cf']) {
      const config = path.join(folder, name);
      const line = new RegExp(`^ipvsd: Config file ${config} not found$`);
      for (const call of [
        ['run', config],
        ['plan', config],
        [config, 'start'],
      ]) {
        await assertRefused(await under([], ...call), line, 1);
      }
    }
  });

  it('is read when it is empty: nothing to serve, nothing to change', async () => {
    const ipvsd = file('empty.cf', '');
    const silent = { exitCode: 0, stdout: '', stderr: '' };
    for (const call of [
      ['plan', 'CONFIG'],
      ['CONFIG', 'start'],
      ['CONFIG', 'stop'],
    ]) {
      const { exitCode, stdout, stderr } = await ipvsd.call(...call);
      assert.deepEqual({ exitCode, stdout, stderr }, silent);
      assert.deepEqual(await savedTable(net.director), table);
    }
  });
});

describe('what the system does not allow', () => {
  it('the kernel: without CAP_NET_ADMIN, exit code 1', async () => {
    const { configPath } = file('good.cf', good);
    const wrapper = ['setpriv', '--bounding-set=-net_admin'];
    const line =
      /^ipvsd: cannot open the IPVS table: permission denied; run as root or with CAP_NET_ADMIN$/;
    for (const call of [
      ['run', configPath],
      ['run', '--backend', 'ipvsadm', configPath],
      ['plan', configPath],
      [configPath, 'start'],
    ]) {
      await assertRefused(await under(wrapper, ...call), line, 1);
    }
  });

  it('the log file: exit code 2', async () => {
    const { configPath } = file('log.cf', good.replace('/dev/null', '/no/such/folder/log'));
    const line =
      /^ipvsd: unable to open logfile: \/no\/such\/folder\/log: no such file or directory$/;
    await assertRefused(await under([], 'run', configPath), line, 2);
    await assertRefused(await under([], configPath, 'start'), line, 2);
  });

  it('the pid file: exit code 1', async () => {
    const { configPath } = file('pid.cf', good);
    const readOnly = 'mount --bind /run /run; mount -o remount,bind,ro /run; exec "$@"';
    const wrapper = ['unshare', '--mount', 'sh', '-euc', readOnly, 'sh'];
    const line =
      /^ipvsd: cannot write pid file \/var\/run\/ldirectord\.pid\.cf\.pid: read-only file system$/;
    await assertRefused(await under(wrapper, 'run', configPath), line, 1);
    await assertRefused(await under(wrapper, configPath, 'start'), line, 1);
  });

  it('the control socket: exit code 1, and no pid file stays', async () => {
    const { configPath } = file('socket.cf', good);
    const readOnly = 'mkdir -p /run/ipvsd; mount -t tmpfs -o ro tmpfs /run/ipvsd; exec "$@"';
    const wrapper = ['unshare', '--mount', 'sh', '-euc', readOnly, 'sh'];
    const line =
      /^ipvsd: cannot make control socket \/run\/ipvsd\/socket\.cf\.sock: read-only file system$/;
    await assertRefused(await under(wrapper, configPath, 'start'), line, 1);
    const run = await under(wrapper, 'run', configPath);
    assert.equal(run.exitCode, 1);
    assert.match(run.stderr, new RegExp(line.source, 'm'));
    assert.doesNotMatch(run.stderr, /^ +at |crashed/m);
    assert.deepEqual(await savedTable(net.director), table);
    assert.equal((await under([], configPath, 'status')).exitCode, 3);
  });
});

describe('a second daemon', () => {
  it('on the same file is refused, also by another name; "start" finds nothing to do', async () => {
    await net.director.exec(['ipvsadm', '-C']);
    const ipvsd = file('first.cf', good);
    const other = path.join(folder, 'second.cf');
    symlinkSync(ipvsd.configPath, other);
    const daemon = await ipvsd.run();
    const served = await savedTable(net.director);
    assert.equal(served.length, 2);
    const pid = /"pid":(\d+)/.exec(daemon.output())?.[1];
    const line = `ipvsd: already running for ${ipvsd.configPath} with pid ${pid}`;

    for (const call of [
      ['run', ipvsd.configPath],
      ['run', other],
      [other, 'start'],
    ]) {
      const { exitCode, stdout, stderr } = await under([], ...call);
      const said = call.includes(other) ? `${line}, as instance "first.cf"` : line;
      assert.deepEqual({ exitCode, stdout, stderr }, { exitCode: 1, stdout: '', stderr: said });
      assert.deepEqual(await savedTable(net.director), served);
    }
    const { exitCode, stdout, stderr } = await ipvsd.call('CONFIG', 'start');
    assert.deepEqual({ exitCode, stdout, stderr }, { exitCode: 0, stdout: '', stderr: '' });
    // a stop under the other name is not for it
    assert.equal((await under([], other, 'stop')).exitCode, 0);
    assert.deepEqual(await savedTable(net.director), served);
    await daemon.stop();
    assert.equal(await daemon.exited, 0);
    assert.deepEqual(await savedTable(net.director), []);
  });
});

describe('what the kernel refuses', () => {
  it('one service with an unknown scheduler is named, the others are served', async () => {
    const bad = section.replace('.200', '.201');
    const ipvsd = file('part.cf', `${head}${bad}        scheduler=nosuch\n${section}`);
    const started = await ipvsd.call('CONFIG', 'start');
    assert.equal(started.exitCode, 0);
    const problems = started.stderr.split('\n').filter((text) => text.startsWith('ipvsadm '));
    assert.deepEqual(
      problems.map((text) => text.replace(/: .*: /, ': … ')),
      [
        'ipvsadm -A -t 10.9.0.201:80 -s nosuch: … the kernel has no such scheduler or persistence engine (ENOENT)',
      ],
    );
    assert.deepEqual(await savedTable(net.director), [
      '-A -t 10.9.0.200:80 -s wrr',
      '-a -t 10.9.0.200:80 -r 10.9.0.101:80 -g -w 1',
    ]);
    const status = await ipvsd.call('status', 'CONFIG');
    assert.equal(status.exitCode, 0);
    const plan = await ipvsd.call('plan', 'CONFIG');
    assert.deepEqual(
      [plan.exitCode, plan.stdout.split('\n')[0]],
      [2, '-A -t 10.9.0.201:80 -s nosuch'],
    );
    assert.equal((await ipvsd.call('CONFIG', 'stop')).exitCode, 0);
    assert.deepEqual(await savedTable(net.director), []);
  });
});
