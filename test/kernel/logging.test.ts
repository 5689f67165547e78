import assert from 'node:assert/strict';
import { existsSync, readFileSync, renameSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { ipvsdOn, program } from '../support/ipvsd.ts';
import { seed004 } from '../support/seeds.ts';
import { createTopology, type Topology } from '../support/topology.ts';

const vip = '10.9.0.200';
/** Receives what is sent to /dev/log, as a syslog daemon does. */
const syslogd = `
use IO::Socket::UNIX; $| = 1; unlink "/dev/log";
my $s = IO::Socket::UNIX->new(Type => SOCK_DGRAM, Local => "/dev/log") or die $!;
print "ready\\n"; while (1) { $s->recv(my $line, 8192); print "$line\\n"; }`;

describe('logs', () => {
  let net: Topology;
  const file = (name: string, logfile: string) => {
    const text = seed004({ vip, reals: ['10.9.0.101'] });
    const changed = text.replace(/logfile=.*/, `logfile="${logfile}"`);
    return ipvsdOn(net.director, `${net.directory}/etc`, name, changed);
  };
  const entries = (path: string) =>
    readFileSync(path, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line));

  before(async () => {
    net = await createTopology({ reals: 1 });
    await net.host('real1').nginx({ pages: { '/ldirector.html': 'Test Page' } });
  });
  after(() => net.teardown());

  it('go to a file as JSON lines, also after the file was rotated', async () => {
    const path = `${net.directory}/ldirectord.log`;
    const ipvsd = file('file.cf', path);
    assert.equal((await ipvsd.call('CONFIG', 'start')).exitCode, 0);
    const messages = entries(path).map(({ msg }) => msg);
    assert.match(messages[0], /^Starting ipvsd .* backend netlink$/);
    assert.ok(messages.includes(`Added virtual server: ${vip}:80`), messages.join('\n'));
    assert.ok(messages.includes(`Added real server: 10.9.0.101:80 (${vip}:80) (Weight set to 1)`));
    for (const { level, time, pid, instance } of entries(path)) {
      assert.deepEqual([typeof level, typeof pid, instance], ['string', 'number', 'file.cf']);
      assert.ok(Math.abs(Date.parse(time) - Date.now()) < 60_000);
    }
    renameSync(path, `${path}.1`);
    assert.equal((await ipvsd.call('CONFIG', 'reload')).exitCode, 0);
    while (!existsSync(path) || !/Reread/.test(readFileSync(path, 'utf8'))) await sleep(50);
    assert.equal((await ipvsd.call('CONFIG', 'stop')).exitCode, 0);
    assert.equal(entries(path).at(-1).msg, 'ipvsd terminated on signal: TERM');
  });

  it('go to syslog when logfile names a facility', async () => {
    const receiver = net.director.spawn(['perl', '-e', syslogd]);
    await receiver.waitForOutput(/ready/);
    const ipvsd = file('syslog.cf', 'local0');
    assert.equal((await ipvsd.call('CONFIG', 'start')).exitCode, 0);
    // local0 is facility 16, info severity 6: 16 * 8 + 6 (RFC 5424, 6.2.1)
    await receiver.waitForOutput(/^<134>.*ipvsd\[\d+\]: .*Serving 1 virtual servers/m);
    assert.equal((await ipvsd.call('CONFIG', 'stop')).exitCode, 0);
    await receiver.waitForOutput(/terminated on signal: TERM/);
  });

  it('are readable on a terminal, and SIGINT stops in order', async () => {
    const { configPath } = file('terminal.cf', '/dev/null');
    const command = `${process.execPath} ${program} run ${configPath}`;
    const terminal = net.director.spawn(['script', '-qefc', command, '/dev/null']);
    await terminal.waitForOutput(/INFO.*: .*Serving 1 virtual servers/, 20_000);
    assert.doesNotMatch(terminal.output(), /\{"level"/);
    const { stdout } = await net.director.exec(['pgrep', '-f', `main.js run ${configPath}$`]);
    for (const pid of stdout.split('\n')) process.kill(Number(pid), 'SIGINT');
    await terminal.waitForOutput(/terminated on signal: INT/);
    await terminal.exited;
  });
});
