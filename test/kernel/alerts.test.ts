import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type Ipvsd, ipvsdOn, program, savedTable, waitForTable } from '../support/ipvsd.ts';
import type { ReceivedMail } from '../support/smtp-server.ts';
import type { HostProcess } from '../support/topology/host-process.ts';
import type { NginxServer } from '../support/topology/nginx.ts';
import { createTopology, type Topology } from '../support/topology.ts';
import { waitUntil } from '../support/wait-until.ts';

const vip = '10.9.0.200';
const mailServer = fileURLToPath(new URL('../support/smtp-server-main.js', import.meta.url));
const tlsFile = (name: string) =>
  fileURLToPath(new URL(`../../../fixtures/tls/${name}`, import.meta.url));
const tls = {
  cert: readFileSync(tlsFile('localhost.pem'), 'utf8'),
  key: readFileSync(tlsFile('localhost.key'), 'utf8'),
};
const login = { user: 'balancer', password: 'secret' };
const patienceMs = 60_000;

describe('what ldirectord does around its checks', () => {
  let net: Topology;
  let folder: string;
  let first: NginxServer;
  let second: NginxServer;
  let receiver: HostProcess;
  let ipvsd: Ipvsd;
  let daemon: HostProcess;

  const text = (extra = '') => `checktimeout=2
negotiatetimeout=2
checkinterval=1
failurecount=3
quiescent=no
logfile="/dev/null"
callback="${folder}/callback"
maintenancedir=${folder}/maintenance
emailalert="ops@example.com, web@example.com"
emailalertfrom="Load Balancer" <lb@example.com>
emailalertfreq=2
emailalertstatus=running
smtp=127.0.0.1
${extra}
virtual=${vip}:80
\treal=10.9.0.101:80 gate
\treal=10.9.0.102:80 gate
\tfallback=127.0.0.1:80 gate
\tservice=http
\trequest="index.html"
\treceive="Test Page"
\tvirtualhost=www.x.y.z
\tfailurecount=3
\tmonitorfile=${folder}/monitor
\tfallbackcommand="${folder}/fallback 'web shop'"
\tservicename=shop
\tcomment=call Joe
`;
  const lines = (name: string) =>
    existsSync(`${folder}/${name}`)
      ? readFileSync(`${folder}/${name}`, 'utf8')
          .split('\n')
          .filter((line) => line !== '')
      : [];
  const mails = (): readonly ReceivedMail[] =>
    receiver
      .output()
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line));
  const subjects = () => mails().map(({ headers }) => headers['subject'] ?? '');
  const waitFor = async (what: string, isSo: () => boolean) => {
    const deadline = performance.now() + patienceMs;
    while (!isSo()) {
      assert.ok(performance.now() < deadline, `${what}\n${daemon.output()}\n${receiver.output()}`);
      await sleep(20);
    }
  };
  const table = (...servers: readonly string[]) => [
    `-A -t ${vip}:80 -s wrr`,
    ...servers.map((server) => `-a -t ${vip}:80 -r ${server}:80 -g -w 1`),
  ];
  const recorder = (name: string) => {
    writeFileSync(
      `${folder}/${name}`,
      `#!/bin/sh\nline=$(for word; do printf '<%s>' "$word"; done)\necho "$line" >>${folder}/${name}.log\n`,
    );
    chmodSync(`${folder}/${name}`, 0o755);
  };
  const touch = (name: string) => writeFileSync(`${folder}/maintenance/${name}`, '');
  const untouch = (name: string) => rmSync(`${folder}/maintenance/${name}`);

  before(async () => {
    net = await createTopology();
    folder = `${net.directory}/files`;
    mkdirSync(`${folder}/maintenance`, { recursive: true });
    for (const name of ['callback', 'fallback']) recorder(name);
    writeFileSync(`${folder}/hosts`, '127.0.0.1 localhost\n10.9.0.102 rs2.example.com rs2\n');
    writeFileSync(
      `${folder}/ipvsd.ini`,
      `[smtp]\nuser=${login.user}\npassword=${login.password}\nstarttls=require\ncafile=${tlsFile('localhost.pem')}\n`,
    );
    const pages = { '/index.html': 'Test Page' };
    [first, second] = await Promise.all([
      net.host('real1').nginx({ pages }),
      net.host('real2').nginx({ pages }),
    ]);
    const options = JSON.stringify({ tls, login });
    receiver = net.director.spawn([process.execPath, mailServer, options]);
    await receiver.waitForOutput(/ready/);
    await net.addVirtualAddress(vip);
    ipvsd = ipvsdOn(net.director, folder, 'alerts.cf', text());
    await start();
  });
  after(async () => {
    await daemon?.stop();
    await net?.teardown();
  });

  /** With a file of host names of its own, which reverse lookups find. */
  async function start(): Promise<void> {
    const run = `${process.execPath} ${program} run ${ipvsd.configPath} --settings ${folder}/ipvsd.ini`;
    const script = `mount --bind ${folder}/hosts /etc/hosts && exec ${run}`;
    daemon = net.director.spawn(['unshare', '-m', 'sh', '-c', script]);
    await daemon.waitForOutput(/Serving \d+ virtual servers/, 30_000);
  }

  it('runs nothing and mails nothing at a start that finds its servers well', async () => {
    assert.deepEqual(await savedTable(net.director), table('10.9.0.101', '10.9.0.102'));
    await sleep(500);
    assert.deepEqual([lines('fallback.log'), lines('callback.log'), subjects()], [[], [], []]);
  });

  it('writes a line into the monitorfile for every check', async () => {
    await waitFor('lines in the monitorfile', () => lines('monitor').length >= 6);
    const form =
      /^\[\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4}\] \[\d+\] negotiate http tcp (10\.9\.0\.10[12]) 80 www\.x\.y\.z 1 gate \/index\.html Test Page \[up\] 200 OK$/;
    const servers = lines('monitor').map((line) => form.exec(line)?.[1] ?? line);
    assert.deepEqual([...new Set(servers)].toSorted(), ['10.9.0.101', '10.9.0.102']);
  });

  it('goes on with the monitorfile after it was moved away', async () => {
    renameSync(`${folder}/monitor`, `${folder}/monitor.1`);
    await waitFor('a new monitorfile', () => lines('monitor').length > 0);
  });

  it('maintenancedir: a file named after an address takes a server out at once', async () => {
    touch('10.9.0.101');
    await waitForTable(net.director, table('10.9.0.102'), patienceMs);
    // its checks go on and are good: failurecount has no say
    const { stdout } = await ipvsd.call('status');
    assert.match(stdout, /10\.9\.0\.101:80 +gate +up \d+s maintenance/);
    const message = '[down] Server in maintenance';
    await waitFor(message, () => lines('monitor').some((line) => line.endsWith(message)));
    const planned = await ipvsd.call('plan', 'CONFIG');
    assert.deepEqual([planned.exitCode, planned.stdout], [0, '']);
    untouch('10.9.0.101');
    await waitForTable(net.director, table('10.9.0.101', '10.9.0.102'), patienceMs);
  });

  it('maintenancedir: a file named after a host does so too', async () => {
    for (const name of ['rs2:80', 'rs2.example.com', 'RS2']) {
      touch(name);
      await waitForTable(net.director, table('10.9.0.101'), patienceMs);
      untouch(name);
      await waitForTable(net.director, table('10.9.0.101', '10.9.0.102'), patienceMs);
    }
  });

  it('mails every change by STARTTLS and login, one mail for all recipients', async () => {
    const change = (verb: string, server: string) =>
      `[shop] ${verb} real server: ${server}:80 (${vip}:80)${verb === 'Added' ? ' (Weight set to 1)' : ''}`;
    const pair = (server: string) => [change('Deleted', server), change('Added', server)];
    const changes = () => subjects().filter((subject) => !subject.includes('Inaccessible'));
    await waitFor('eight mails', () => changes().length >= 8);
    assert.deepEqual(
      changes(),
      ['101', '102', '102', '102'].flatMap((n) => pair(`10.9.0.${n}`)),
    );
    const [mail] = mails();
    assert.deepEqual(mail?.recipients, ['ops@example.com', 'web@example.com']);
    assert.deepEqual(
      [mail.isEncrypted, mail.user, mail.from],
      [true, 'balancer', 'lb@example.com'],
    );
    assert.match(
      mail.body,
      /^ldirectord host: \S+\nLog-Message: \[shop\] Deleted real server: 10\.9\.0\.101:80 \(10\.9\.0\.200:80\)\nDaemon-Status: running\n\nService name: shop\nComment: call Joe\n$/,
    );
  });

  it('all servers die: the fallbackcommand starts once, mails tell it and remind', async () => {
    const before = subjects().length;
    await Promise.all([first.kill(), second.kill()]);
    await waitForTable(net.director, table('127.0.0.1'), patienceMs);
    await waitFor('fallbackcommand', () => lines('fallback.log').length > 0);
    const count = (pattern: RegExp) =>
      subjects()
        .slice(before)
        .filter((s) => pattern.test(s)).length;
    const reminder =
      /^\[shop\] Inaccessible real server: 10\.9\.0\.10[12]:80 \(10\.9\.0\.200:80\)$/;
    await waitFor('four reminders', () => count(reminder) >= 4);
    assert.equal(count(/^\[shop\] Deleted real server: /), 2);
    assert.equal(count(/^\[shop\] Added fallback server: 127\.0\.0\.1:80 /), 1);
    assert.deepEqual(lines('fallback.log'), [`<web shop><start><${vip}:80><tcp>`]);
  });

  it('a reload, and a restart after kill -9, repeat neither the command nor the mails', async () => {
    daemon.signal('SIGHUP');
    await daemon.waitForOutput(/Reread new configuration/);
    await daemon.kill();
    const before = subjects().filter((subject) => !subject.includes('Inaccessible')).length;
    await start();
    await sleep(1500);
    assert.equal(lines('fallback.log').length, 1);
    const after = subjects().filter((subject) => !subject.includes('Inaccessible')).length;
    assert.equal(after, before);
  });

  it('the first server is back: the fallbackcommand stops once', async () => {
    await first.start();
    await waitForTable(net.director, table('10.9.0.101'), patienceMs);
    await waitFor('fallbackcommand', () => lines('fallback.log').length > 1);
    assert.deepEqual(lines('fallback.log').slice(1), [`<web shop><stop><${vip}:80><tcp>`]);
    await second.start();
    await waitForTable(net.director, table('10.9.0.101', '10.9.0.102'), patienceMs);
    assert.equal(lines('fallback.log').length, 2);
  });

  it('callback: run with the path when the content changes, not when it is only touched', async () => {
    ipvsd.write(text());
    await sleep(1500);
    assert.deepEqual(lines('callback.log'), []);
    ipvsd.write(text('# another text'));
    await waitFor('callback', () => lines('callback.log').length > 0);
    assert.match(daemon.output(), /has changed on disk/);
    assert.doesNotMatch(daemon.output(), /Reread/);
    ipvsd.write(text('autoreload=yes'));
    daemon.signal('SIGHUP');
    await waitFor('second callback', () => lines('callback.log').length > 1);
    ipvsd.write(text('autoreload=yes\n# and again'));
    await waitFor('third callback', () => lines('callback.log').length > 2);
    assert.deepEqual([...new Set(lines('callback.log'))], [`<${ipvsd.configPath}>`]);
    await sleep(1500);
    assert.equal(lines('callback.log').length, 3);
  });

  it('a fallbackcommand that hangs holds up neither failover nor stop', async () => {
    writeFileSync(`${folder}/fallback`, '#!/bin/sh\nsleep 1000\n');
    await Promise.all([first.kill(), second.kill()]);
    await waitForTable(net.director, table('127.0.0.1'), patienceMs);
    const hanging = () => net.director.exec(['pgrep', '-xf', 'sleep 1000'], { allowFailure: true });
    await waitUntil('it hangs', patienceMs, async () => (await hanging()).exitCode === 0);
    await second.start();
    await waitForTable(net.director, table('10.9.0.102'), patienceMs);
    recorder('fallback');
    // not by the harness, which would kill it after five seconds
    process.kill(daemon.pid, 'SIGTERM');
    await waitForTable(net.director, [], patienceMs);
    assert.equal(await daemon.exited, 0);
    assert.equal((await hanging()).exitCode, 1);
  });

  it('at the end of the daemon a fallbackcommand that was started is stopped', async () => {
    await second.kill();
    rmSync(`${folder}/fallback.log`, { force: true });
    await start();
    await waitFor('fallbackcommand', () => lines('fallback.log').length > 0);
    await daemon.stop();
    assert.equal(await daemon.exited, 0);
    assert.deepEqual(lines('fallback.log'), [
      `<web shop><start><${vip}:80><tcp>`,
      `<web shop><stop><${vip}:80><tcp>`,
    ]);
  });

  it('a monitorfile that cannot be written and a mail server that is gone change nothing', async () => {
    await receiver.stop();
    await Promise.all([first.start(), second.start()]);
    const broken = text().replace(/monitorfile=.*/, 'monitorfile=/no/such/folder/monitor');
    ipvsd.write(broken.replace('emailalertstatus=running', 'emailalertstatus=all'));
    await start();
    await waitForTable(net.director, table('10.9.0.101', '10.9.0.102'), patienceMs);
    await first.kill();
    await waitForTable(net.director, table('10.9.0.102'), patienceMs);
    await daemon.waitForOutput(/emailalert: .*not sent: .*next attempt in 10 s/);
    await sleep(1500);
    const complaints = daemon.output().match(/unable to write monitorfile/g) ?? [];
    assert.equal(complaints.length, 1);
    await daemon.stop();
    assert.equal(await daemon.exited, 0);
  });

  it('settings that are not right end the start with one line', async () => {
    writeFileSync(`${folder}/bad.ini`, '[smtp]\nport=soon\n');
    const { exitCode, stderr } = await ipvsd.call(
      'run',
      'CONFIG',
      '--settings',
      `${folder}/bad.ini`,
    );
    assert.equal(exitCode, 2);
    const line = `ipvsd: ${folder}/bad.ini: [smtp] port: expected a whole number 1..65535`;
    assert.equal(stderr.split('\n').at(-1), line);
    assert.deepEqual(await savedTable(net.director), []);
  });
});
