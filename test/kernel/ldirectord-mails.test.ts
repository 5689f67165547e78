import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type Ipvsd, ipvsdOn, savedTable, waitForTable } from '../support/ipvsd.ts';
import { type ScriptedServer, startScriptedServer } from '../support/scripted-server.ts';
import type { ReceivedMail } from '../support/smtp-server.ts';
import type { HostProcess } from '../support/topology/host-process.ts';
import { createTopology, type Topology } from '../support/topology.ts';
import { waitUntil } from '../support/wait-until.ts';

const mailServer = fileURLToPath(new URL('../support/smtp-server-main.js', import.meta.url));
const vip = '10.9.0.200';
const patienceMs = 30_000;
const service = `-A -t ${vip}:80 -s wrr`;
const served = [service, `-a -t ${vip}:80 -r 10.9.0.101:80 -g -w 1`];
const file = (...mail: readonly string[]) => `logfile="/dev/null"
checkinterval=1
checktimeout=3
smtp=127.0.0.1
emailalertfrom=lb@example.com
emailalertfreq=2
${mail.join('\n')}
virtual=${vip}:80
\treal=10.9.0.101:80 gate
\tservice=http
\tservicename=Web Site
\tcomment=call Joe
`;

describe('alert mails through a mail server', () => {
  let net: Topology;
  let server: ScriptedServer;
  let receiver: HostProcess;
  let ipvsd: Ipvsd;
  const mails = (): readonly ReceivedMail[] =>
    receiver
      .output()
      .split('\n')
      .slice(0, -1)
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line));
  const subjects = () => mails().map(({ headers }) => headers['subject'] ?? '');
  const mailed = async (pattern: RegExp, count: number) => {
    const deadline = performance.now() + patienceMs;
    const matching = () => mails().filter(({ headers }) => pattern.test(headers['subject'] ?? ''));
    while (matching().length < count) {
      assert.ok(performance.now() < deadline, `${count} of ${pattern}:\n${subjects().join('\n')}`);
      await sleep(50);
    }
    return matching();
  };
  const about = (verb: string) => `[Web Site] ${verb} real server: 10.9.0.101:80 (${vip}:80)`;

  before(async () => {
    net = await createTopology({ clients: 0, reals: 1 });
    mkdirSync(`${net.directory}/etc`);
    server = await startScriptedServer(net.host('real1'), net.directory);
    receiver = net.director.spawn([process.execPath, mailServer]);
    await receiver.waitForOutput(/ready/);
    ipvsd = ipvsdOn(net.director, `${net.directory}/etc`, 'mails.cf', '');
  });
  after(() => net?.teardown());

  it('emailalertstatus=running: tell failure, reminders and recovery, not start and stop', async () => {
    ipvsd.write(file('emailalert=ops@example.com', 'emailalertstatus=running'));
    const daemon = await ipvsd.run();
    await waitForTable(net.director, served, patienceMs);
    server.behave({ status: 503 });
    await waitForTable(net.director, [service], patienceMs);
    const reminders = await mailed(/Inaccessible/, 3);
    server.behave({ status: 200 });
    await waitForTable(net.director, served, patienceMs);
    const recovery = `${about('Added')} (Weight set to 1)`;
    await waitUntil(recovery, patienceMs, () => subjects().at(-1) === recovery);
    await daemon.stop();
    assert.equal(await daemon.exited, 0);
    assert.deepEqual(await savedTable(net.director), []);
    // a first answer that takes a second has mailed of the server before
    const all = subjects().slice(subjects().indexOf(about('Deleted')));
    assert.deepEqual(
      all.filter((subject, i) => subject !== all[i - 1]),
      [about('Deleted'), about('Inaccessible'), recovery],
    );
    const times = reminders.map(({ headers }) => Date.parse(headers['date'] ?? '') / 1000);
    // the header has whole seconds
    assert.ok((times[2] ?? 0) - (times[0] ?? 0) >= 2 * 2 - 1, times.join(' '));
    const deleted = mails().find(({ headers }) => headers['subject'] === about('Deleted'));
    assert.deepEqual(deleted?.recipients, ['ops@example.com']);
    const text = `Log-Message: ${about('Deleted')}\nDaemon-Status: running\n\nService name: Web Site\nComment: call Joe\n`;
    assert.ok(deleted?.body.endsWith(text), deleted?.body);
  });

  it('tell start and stop too without it, to each of two recipients', async () => {
    const before = mails().length;
    ipvsd.write(file('emailalert=ops@example.com,web@example.com'));
    const daemon = await ipvsd.run();
    await waitForTable(net.director, served, patienceMs);
    await mailed(/Added/, 2);
    await daemon.stop();
    await mailed(/Purged/, 1);
    const late = mails().slice(before);
    assert.deepEqual(
      late.map(({ headers }) => headers['subject']),
      [`${about('Added')} (Weight set to 1)`, about('Purged').replace('server:', 'server (stop):')],
    );
    // a first answer that takes a second comes when the daemon runs already
    const statuses = late.map(({ body }) => /Daemon-Status: (\w+)/.exec(body)?.[1]).join(' ');
    assert.match(statuses, /^(starting|running) stopping$/);
    for (const { recipients, headers } of late) {
      assert.deepEqual(recipients, ['ops@example.com', 'web@example.com']);
      assert.equal(headers['from'], 'lb@example.com');
    }
  });
});
