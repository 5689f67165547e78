import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { after, afterEach, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fixturePath } from '../support/config-fixtures.ts';
import { type Ipvsd, ipvsdOn, program, savedTable, waitForTable } from '../support/ipvsd.ts';
import { type LogFile, logFile } from '../support/log-file.ts';
import { type ScriptedServer, startScriptedServer } from '../support/scripted-server.ts';
import { createTopology, type Topology } from '../support/topology.ts';

const vip = '10.9.0.200';
const patienceMs = 60_000;
const pidFile = (name: string) => `/var/run/ldirectord.${name}.pid`;
const service = (port: number, ...reals: readonly string[]) => [
  `-A -t ${vip}:${port} -s wrr`,
  ...reals.map((real) => `-a -t ${vip}:${port} -r ${real}:${port} -g -w 1`),
];
const section = (port: number, reals: readonly string[], ...lines: readonly string[]) =>
  [
    `virtual=${vip}:${port}`,
    ...reals.map((real) => `real=${real}:80 gate`),
    'checkport=80',
    'service=http',
    ...lines,
  ].join('\n\t');

describe('the daemon', () => {
  let net: Topology;
  let folder: string;
  let one: ScriptedServer;
  let two: ScriptedServer;
  let ipvsd: Ipvsd;
  let log: LogFile;
  const pid = () => Number(readFileSync(pidFile('daemon.cf'), 'utf8'));
  const call = (action: string) => ipvsd.call('CONFIG', action);
  const globals = (...lines: readonly string[]) =>
    [`logfile="${folder}/log"`, 'checktimeout=3', ...lines].join('\n');
  const start = async (...parts: readonly string[]) => {
    rmSync(`${folder}/log`, { force: true });
    ipvsd.write(`${parts.join('\n\n')}\n\n`);
    const { exitCode, stderr } = await call('start');
    assert.equal(exitCode, 0, stderr);
  };

  before(async () => {
    net = await createTopology({ clients: 0 });
    folder = `${net.directory}/files`;
    mkdirSync(folder);
    ipvsd = ipvsdOn(net.director, folder, 'daemon.cf', '');
    log = logFile(`${folder}/log`);
    [one, two] = await Promise.all([
      startScriptedServer(net.host('real1'), net.directory),
      startScriptedServer(net.host('real2'), net.directory),
    ]);
  });
  afterEach(async () => {
    for (const server of [one, two]) server.behave({ status: 200 });
    await call('stop');
    assert.deepEqual(await savedTable(net.director), []);
  });
  after(() => net?.teardown());

  const both = ['10.9.0.101', '10.9.0.102'] as const;

  it('has a pid file named after the file, or after ldirectord for the default one', async () => {
    const name = `${net.directory}/ldirectord`;
    symlinkSync(program, name);
    mkdirSync(`${folder}/ha.d`);
    writeFileSync(`${folder}/ha.d/ldirectord.cf`, readFileSync('/etc/ha.d/ldirectord.cf'));
    const script = `mount --bind ${folder}/ha.d /etc/ha.d && exec "$@"`;
    const words = (...args: readonly string[]) => [process.execPath, name, ...args];
    const named = (...args: readonly string[]) =>
      net.director.exec(['unshare', '-m', 'sh', '-c', script, 'sh', ...words(...args)], {
        allowFailure: true,
      });
    // the comments of Debian's package
    assert.equal((await named('start')).exitCode, 0);
    assert.deepEqual(await savedTable(net.director), []);
    const number = Number(readFileSync(pidFile('ldirectord'), 'utf8'));
    const { stderr } = await named('status');
    const running = 'ldirectord for /etc/ha.d/ldirectord.cf is running with pid:';
    assert.equal(stderr, `${running} ${number}`);

    await start(globals(), section(80, both));
    assert.notEqual(pid(), number);
    assert.equal(Number(readFileSync(pidFile('ldirectord'), 'utf8')), number);
    assert.equal((await named('stop')).exitCode, 0);
    assert.equal(existsSync(pidFile('ldirectord')), false);
    const written = log.messages();
    assert.equal((await call('status')).exitCode, 0);
    assert.deepEqual(log.messages(), written);
  });

  it('serves the sample of the package', async () => {
    const packaged = '/usr/share/doc/ldirectord/examples/ldirectord.cf';
    const path = existsSync(packaged) ? packaged : fixturePath('valid', 'web-sample.cf');
    await start(readFileSync(path, 'utf8'), globals());
    const fallback = '-a -t 192.168.6.240:80 -r 127.0.0.1:80 -g -w 1';
    await waitForTable(net.director, ['-A -t 192.168.6.240:80 -s rr', fallback], patienceMs);
  });

  it('with cleanstop=no leaves the table as it is, and no pid file', async () => {
    one.behave({ status: 503 });
    await start(
      globals('cleanstop=no', 'quiescent=yes', 'fallback=127.0.0.1'),
      section(80, both),
      section(81, both.slice(0, 1)),
    );
    const [head = '', down = '', up = ''] = service(80, ...both);
    const [other = '', last = '', fallback = ''] = service(81, '10.9.0.101', '127.0.0.1');
    const quiet = (line: string) => line.replace('-w 1', '-w 0');
    const table = [head, quiet(down), up, other, quiet(last), fallback];
    await waitForTable(net.director, table, patienceMs);
    assert.equal((await call('stop')).exitCode, 0);
    assert.deepEqual(await savedTable(net.director), table);
    assert.equal(existsSync(pidFile('daemon.cf')), false);
    await net.director.exec(['ipvsadm', '-C']);
  });

  it('keeps the whole old file when autoreload meets a broken one, and goes on checking', async () => {
    const good = [globals('autoreload=yes', 'checkinterval=1', 'quiescent=yes'), section(80, both)];
    await start(...good);
    // what stands before the error must not come into force either
    const broken = globals('autoreload=yes', 'checkinterval=1', 'quiescent=no');
    ipvsd.write(`${broken}\n\n${section(80, both)}\n\tnonsense=1\n\n`);
    await log.waitFor(/daemon\.cf:\d+:2: .*unknown directive "nonsense"/);
    await log.waitFor(/configuration refused, the old one stays in force whole/);
    one.behave({ status: 503 });
    const [head = '', first = '', second = ''] = service(80, ...both);
    await waitForTable(net.director, [head, first.replace('-w 1', '-w 0'), second], patienceMs);
    ipvsd.write(`${broken}\n\n${section(80, both)}\n\n`);
    await waitForTable(net.director, [head, second], patienceMs);
  });

  it('takes a touch of its file for nothing; new content is read and calls back once', async () => {
    writeFileSync(`${folder}/callback`, `#!/bin/sh\necho "$@" >>${folder}/called\n`);
    chmodSync(`${folder}/callback`, 0o755);
    const head = globals('autoreload=yes', `callback="${folder}/callback"`);
    await start(head, section(80, both));
    const looks = () => log.messages().filter((message) => /has changed on disk/.test(message));
    for (let i = 1; i <= 3; i++) {
      utimesSync(ipvsd.configPath, i * 1000, i * 1000);
      await sleep(800);
    }
    assert.deepEqual([looks(), existsSync(`${folder}/called`)], [[], false]);
    ipvsd.write(`${head}\n\n${section(80, both, 'scheduler=rr')}\n\n`);
    await log.waitFor(/Reread new configuration/);
    const [, ...servers] = service(80, ...both);
    await waitForTable(net.director, [`-A -t ${vip}:80 -s rr`, ...servers], patienceMs);
    for (let i = 0; i < 400 && !existsSync(`${folder}/called`); i++) await sleep(50);
    await call('stop');
    assert.equal(looks().length, 1);
    assert.equal(readFileSync(`${folder}/called`, 'utf8'), `${ipvsd.configPath}\n`);
  });

  it('with fork=yes: checks each section at its own interval, without processes for it', async () => {
    await start(
      globals('fork=yes', 'checkinterval=60'),
      section(80, both.slice(0, 1), 'checkinterval=1'),
      section(81, both.slice(1)),
    );
    await waitForTable(
      net.director,
      [...service(80, '10.9.0.101'), ...service(81, '10.9.0.102')],
      patienceMs,
    );
    const [before, other] = [one.answers().length, two.answers().length];
    while (one.answers().length < before + 4) await sleep(50);
    assert.equal(two.answers().length, other);
    const children = ['pgrep', '-P', String(pid())];
    const { stdout } = await net.director.exec(children, { allowFailure: true });
    assert.equal(stdout, '');
  });

  it('is left alone by signals that would kill it otherwise', async () => {
    await start(globals(), section(80, both));
    const number = pid();
    for (const signal of ['SIGUSR1', 'SIGUSR2', 'SIGALRM', 'SIGPIPE'] as const) {
      process.kill(number, signal);
    }
    ipvsd.write(`${globals()}\n\n${section(80, both, 'scheduler=lc')}\n\n`);
    assert.equal((await call('reload')).exitCode, 0);
    const [, ...servers] = service(80, ...both);
    await waitForTable(net.director, [`-A -t ${vip}:80 -s lc`, ...servers], patienceMs);
    assert.equal(pid(), number);
    // no inspector of node, which USR1 would start
    assert.doesNotMatch((await net.director.exec(['ss', '-Hltn'])).stdout, /:9229\b/);
  });

  for (const signal of ['SIGQUIT', 'SIGTERM'] as const) {
    it(`cleans up at ${signal}, also when it comes twice`, async () => {
      await start(globals(), section(80, both));
      const number = pid();
      process.kill(number, signal);
      process.kill(number, signal);
      await waitForTable(net.director, [], patienceMs);
      for (let i = 0; i < 400 && existsSync(`/proc/${number}/exe`); i++) await sleep(50);
      assert.equal(existsSync(pidFile('daemon.cf')), false);
      await log.waitFor(new RegExp(`terminated on signal: ${signal.slice(3)}$`));
    });
  }

  it('is held up by a silent server neither in its other checks, nor in reload, nor in stop', async () => {
    const limit = 'negotiatetimeout=300';
    await start(globals('checkinterval=1', limit), section(80, both));
    two.behave({ status: 200, delayMs: 1_000_000 });
    // until a check waits for that answer: the one before has come
    const seen = two.answers().length;
    await sleep(1500);
    assert.ok(two.answers().length <= seen + 1);
    one.behave({ status: 503 });
    await waitForTable(net.director, service(80, '10.9.0.102'), patienceMs);
    ipvsd.write(`${globals('checkinterval=1', limit)}\n\n${section(80, both, 'scheduler=lc')}\n\n`);
    assert.equal((await call('reload')).exitCode, 0);
    const [, ...servers] = service(80, '10.9.0.102');
    await waitForTable(net.director, [`-A -t ${vip}:80 -s lc`, ...servers], patienceMs);
    assert.equal((await call('stop')).exitCode, 0);
    assert.deepEqual(await savedTable(net.director), []);
  });
});
