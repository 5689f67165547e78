import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { after, afterEach, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Ipvsd, ipvsdOn, savedTable, waitForTable } from '../support/ipvsd.ts';
import { type LogFile, logFile } from '../support/log-file.ts';
import { type ScriptedServer, startScriptedServer } from '../support/scripted-server.ts';
import { type TableWatch, watchTable } from '../support/table-watch.ts';
import type { HostProcess } from '../support/topology/host-process.ts';
import { createTopology, type Topology } from '../support/topology.ts';
import { waitUntil } from '../support/wait-until.ts';

const vip = '10.9.0.200';
const patienceMs = 60_000;
const real = '10.9.0.101';

let net: Topology;
let folder: string;
let server: ScriptedServer;
let ipvsd: Ipvsd;
let log: LogFile;
let daemon: HostProcess;

const section = (virtual: string, ...lines: readonly string[]) =>
  [`virtual=${virtual}`, ...lines].join('\n\t');
const section6 = (virtual: string, ...lines: readonly string[]) =>
  section(virtual, ...lines).replace('virtual=', 'virtual6=');
const at = (port: number, weight: number) =>
  `-a -t ${vip}:${port} -r ${real}:${port} -g -w ${weight}`;
const service = (port: number) => `-A -t ${vip}:${port} -s wrr`;
const start = async (...parts: readonly string[]) => {
  rmSync(`${folder}/log`, { force: true });
  const globals = [`logfile="${folder}/log"`, 'checkinterval=1', 'checktimeout=3'].join('\n');
  ipvsd.write(`${[globals, ...parts].join('\n\n')}\n\n`);
  daemon = await ipvsd.run();
};
const shows = (lines: readonly string[]) => waitForTable(net.director, lines, patienceMs);

before(async () => {
  net = await createTopology({ clients: 0 });
  folder = `${net.directory}/files`;
  mkdirSync(folder);
  ipvsd = ipvsdOn(net.director, folder, 'behaviour.cf', '');
  log = logFile(`${folder}/log`);
  server = await startScriptedServer(net.host('real1'), net.directory);
});
afterEach(async () => {
  server.behave({ status: 200 });
  await daemon.stop();
  assert.deepEqual(await savedTable(net.director), []);
});
after(() => net?.teardown());

const http = ['checkport=80', 'service=http', 'request="index.html"', 'receive="Test Page"'];

describe('a real server that fails and recovers', () => {
  it('gets weight 0 or is removed, by quiescent of its section, and the log says so', async () => {
    await start(
      'quiescent=yes',
      section(`${vip}:80`, `real=${real}:80 gate 3`, ...http),
      section(`${vip}:81`, `real=${real}:80 gate 3`, ...http, 'quiescent=no'),
    );
    const up = [service(80), at(80, 3), service(81), at(81, 3)];
    await shows(up);
    server.behave({ status: 503 });
    await shows([service(80), at(80, 0), service(81)]);
    server.behave({ status: 200 });
    await shows(up);
    const name = (port: number) => `${real}:80 (${vip}:${port})`;
    const ours = (port: number) =>
      log.messages().filter((m) => / real server: 10/.test(m) && m.includes(`:${port})`));
    // the kernel has it before the log tells it
    await log.waitFor(/^Restored real server/);
    await waitUntil('added twice', patienceMs, () => ours(81).length >= 3);
    assert.deepEqual(ours(80), [
      `Added real server: ${name(80)} (Weight set to 3)`,
      `Quiescent real server: ${name(80)} (Weight set to 0)`,
      `Restored real server: ${name(80)} (Weight set to 3)`,
    ]);
    assert.deepEqual(ours(81), [
      `Added real server: ${real}:81 (${vip}:81) (Weight set to 3)`,
      `Deleted real server: ${real}:81 (${vip}:81)`,
      `Added real server: ${real}:81 (${vip}:81) (Weight set to 3)`,
    ]);
  });

  it('in two sections with failurecount=4: goes at the fourth bad check in each', async () => {
    const lines = [`real=${real}:80 masq`, ...http, 'failurecount=4'];
    await start(section(`${vip}:80`, ...lines), section(`${vip}:81`, ...lines));
    const masq = (port: number) => `-a -t ${vip}:${port} -r ${real}:80 -m -w 1`;
    await shows([service(80), masq(80), service(81), masq(81)]);
    server.behave({ status: 503 });
    await log.waitFor(/failure 2\/4/);
    server.behave({ status: 200 });
    const words = (port: number, count: string) =>
      `Soft failure real server: ${real}:80 (tcp:${vip}:${port}) ${count}`;
    await log.waitFor(/^Resetting soft failure count: 10\.9\.0\.101:80 \(tcp:10\.9\.0\.200:81\)$/);
    const before = log.messages().length;
    server.behave({ status: 503 });
    await shows([service(80), service(81)]);
    const soft = log
      .messages()
      .slice(before)
      .filter((message) => /Soft failure/.test(message));
    assert.deepEqual(
      soft.toSorted(),
      [80, 81].flatMap((port) => [1, 2, 3].map((n) => words(port, `failure ${n}/4`))),
    );
  });
});

describe('a real server that is down', () => {
  it('has weight 0 with quiescent, also from the start and when somebody takes it out', async () => {
    server.behave({ status: 503 });
    for (const readd of ['yes', 'no']) {
      const text = section(`${vip}:80`, `real=${real}:80 gate 3`, ...http);
      await start('quiescent=yes', `readdquiescent=${readd}`, text);
      await shows([service(80), at(80, 0)]);
      await net.director.exec(['ipvsadm', '-d', '-t', `${vip}:80`, '-r', `${real}:80`]);
      await shows([service(80), at(80, 0)]);
      await daemon.stop();
    }
  });

  it('leaves its clients to the global fallback of the family, behind a mark too', async () => {
    const six = '[fd00:9::65]';
    await start(
      'fallback=127.0.0.1\nfallback6=[::1]',
      section(`${vip}:80`, `real=${real}:9 gate`, 'checktype=connect'),
      section('5', `real=${real}:9 gate`, 'checktype=connect'),
      section6('[fd00::2]:80', `real6=${six}:9 gate`, 'checktype=connect'),
      section6('5', `real6=${six}:9 gate`, 'checktype=connect'),
    );
    await shows([
      service(80),
      `-a -t ${vip}:80 -r 127.0.0.1:80 -g -w 1`,
      '-A -t [fd00::2]:80 -s wrr',
      '-a -t [fd00::2]:80 -r [::1]:80 -g -w 1',
      '-A -f 5 -s wrr',
      '-a -f 5 -r 127.0.0.1:0 -g -w 1',
      '-A -f 5 -6 -s wrr',
      '-a -f 5 -6 -r [::1]:0 -g -w 1',
    ]);
  });
});

describe('a start and a reload', () => {
  let watch: TableWatch;
  before(async () => {
    watch = await watchTable(net.director);
  });
  after(() => watch.stop());

  it('show neither the fallback nor anything that goes again, and touch nothing that is right', async () => {
    const other = '10.9.0.102';
    const lines = [`real=${real}:8080 gate`, `real=${other}:8080 masq`, 'fallback=127.0.0.1:80'];
    const text = section(`${vip}:80`, ...lines, 'checktype=on');
    await start(text);
    const table = [service(80), at(80, 1), `-a -t ${vip}:80 -r ${other}:8080 -m -w 1`];
    await shows(table);
    const messages = () => log.messages().filter((message) => /server: /.test(message));
    const first = messages();
    daemon.signal('SIGHUP');
    await log.waitFor(/Reread new configuration/);
    assert.deepEqual(messages(), first);
    const seen = (await watch.stop()).map((sighting) => sighting.lines.join('\n'));
    const stages = seen.filter((lines, i) => lines !== seen[i - 1]);
    assert.equal(stages.at(-1), table.join('\n'));
    for (const [i, stage] of stages.entries()) {
      assert.ok(stage.startsWith(stages[i - 1] ?? ''), stages.join('\n\n'));
      assert.doesNotMatch(stage, /127\.0\.0\.1/);
    }
  });
});

describe('checktype=external', () => {
  it('gives virtual and real server as four words; checkport does not change them', async () => {
    const script = `${folder}/check`;
    writeFileSync(script, `#!/bin/sh\necho "$#: $@" >>${folder}/called\n`);
    chmodSync(script, 0o755);
    const lines = ['checktype=external', `checkcommand=${script}`, 'checkport=99'];
    await start(
      section(`${vip}:80`, 'real=10.9.0.101:8080 masq', ...lines),
      section('86', 'real=10.9.0.101 gate', ...lines),
      section6('[fd00::2]:80', 'real6=[fd00::3]:8080 masq', ...lines),
    );
    const called = () =>
      existsSync(`${folder}/called`)
        ? new Set(readFileSync(`${folder}/called`, 'utf8').trimEnd().split('\n'))
        : new Set();
    for (let i = 0; i < 400 && called().size < 3; i++) await sleep(50);
    assert.deepEqual(
      called(),
      new Set([
        `4: ${vip} 80 10.9.0.101 8080`,
        '4: 86 0 10.9.0.101 0',
        '4: [fd00::2] 80 [fd00::3] 8080',
      ]),
    );
  });
});

describe('checks that ldirectord takes for good whatever happens', () => {
  const reals = [`real=${real}:9 gate`];
  const lenient = [
    ['ftp', 'request="file"'],
    ['pop', 'request="/"'],
    ['pops', 'request="/"'],
  ] as const;

  it('are bad at a closed port; checktype=on is what they were', async () => {
    const sections = (more: readonly string[]) =>
      lenient.map(([name, request], i) =>
        section(`${vip}:${8000 + i}`, ...reals, `service=${name}`, request, ...more),
      );
    await start(...sections([]));
    await log.waitFor(/Real server down: tcp:10\.9\.0\.200:8002/);
    await shows([service(8000), service(8001), service(8002)]);
    await daemon.stop();
    await start(...sections(['checktype=on']));
    await shows([8000, 8001, 8002].flatMap((port) => [service(port), at(port, 1)]));
  });
});
