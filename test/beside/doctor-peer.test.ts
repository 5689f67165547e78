import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type Doctor, doctorIn, file, one, section, vip } from '../support/doctor.ts';
import type { Host } from '../support/topology/host.ts';
import { createTopology, type Topology } from '../support/topology.ts';

const text = file(`real=${one}:80 gate`, 'quiescent=no');

describe('ipvsd doctor on two directors', () => {
  let net: Topology;
  let director: Host;
  let other: Host;
  let doctor: Doctor;
  /** The other one's file. */
  let theirs: string;
  let options: readonly string[];
  const sync = (host: Host, ...words: readonly string[]) => host.exec(['ipvsadm', ...words]);
  const start = (host: Host, role: string, id: number, device = 'eth0') =>
    sync(host, '--start-daemon', role, '--mcast-interface', device, '--syncid', `${id}`);

  before(async () => {
    net = await createTopology({ directors: 2, reals: 1 });
    director = net.director;
    other = net.host('director2');
    doctor = doctorIn(net);
    await net.addVirtualAddress(vip);
    theirs = path.join(net.directory, 'theirs.cf');
    writeFileSync(theirs, text);
    await startSshServer(other, net.directory, theirs, doctor.configPath);
    options = ['--peer', other.ipv4];
  });
  after(() => net?.teardown());

  it('compares the file over ssh, and copies it', async () => {
    const same = await doctor.examine(director, text, 'peer-file', ...options);
    assert.deepEqual([same.outcome, same.findings], ['passed', []]);
    for (const address of [other.ipv4, `root@${other.ipv6}`]) {
      writeFileSync(theirs, `# older\n${text}`);
      await doctor.findAndMend({
        host: director,
        text,
        check: 'peer-file',
        level: 'error',
        what: RegExp(`is not the same as on ${address}$`),
        options: ['--peer', address],
      });
      assert.equal(readFileSync(theirs, 'utf8'), text);
    }
  });

  it('compares the synchronisation', async () => {
    const expected = { host: director, text, check: 'peer-sync', options } as const;
    await start(director, 'master', 7);
    await doctor.findAndMend({
      ...expected,
      level: 'warning',
      what: /^master on eth0: has no backup on 10\.9\.0\.2$/,
      on: other,
    });
    await other.sysctl('net.ipv4.vs.sync_version', 0);
    await doctor.findAndMend({
      ...expected,
      level: 'error',
      what: /is 1 here and 0 on 10\.9\.0\.2$/,
      on: other,
    });
    await sync(director, '--stop-daemon', 'master');
    await doctor.findAndMend({
      ...expected,
      level: 'warning',
      what: /^backup on eth0: of 10\.9\.0\.2 has no master here$/,
    });
    await sync(director, '--stop-daemon', 'master');
    await start(director, 'master', 9);
    await doctor.findAndMend({
      ...expected,
      level: 'error',
      what: /does not fit the backup of 10\.9\.0\.2: syncid 9 here and 7 there/,
    });
    await sync(director, '--stop-daemon', 'master');
    await sync(other, '--stop-daemon', 'backup');
  });

  it('finds two that send packets to and fro', async () => {
    const both = file(
      `real=${director.ipv4}:80 gate`,
      `real=${other.ipv4}:80 gate`,
      'quiescent=no',
    );
    await doctor.findAndMend({
      host: director,
      text: both,
      check: 'two-node-loop',
      level: 'error',
      what: /this director and 10\.9\.0\.2 are real servers of it/,
      options,
      // the command is about this one's alone
      others: ['peer-file'],
    });
  });

  it('finds what keeps its own synchronisation from working', async () => {
    const expected = { host: director, text } as const;
    await director.exec(['ip', 'link', 'add', 'sync0', 'up', 'type', 'dummy']);
    await start(director, 'master', 7, 'sync0');
    await director.exec(['ip', 'link', 'set', 'sync0', 'down']);
    await doctor.findAndMend({
      ...expected,
      check: 'sync-interface',
      level: 'error',
      what: /the master of the synchronisation is on sync0, which is down or gone/,
    });
    await director.sysctl('net.ipv4.vs.sync_version', 0);
    await doctor.findAndMend({
      ...expected,
      text: section('7', `real=${one}:80 gate`, 'quiescent=no'),
      check: 'sync-format',
      level: 'error',
      what: /is 0, which carries neither IPv6, nor marks/,
      // nothing sets that mark
      others: ['mark-rules'],
    });
    await sync(director, '--stop-daemon', 'master');

    await start(director, 'backup', 7);
    await doctor.findAndMend({
      ...expected,
      text: file(`real=${director.ipv4}:80 gate`, 'quiescent=no'),
      check: 'sync-loop',
      level: 'warning',
      what: /is 0, and this machine is a backup director and the real server 10\.9\.0\.1/,
    });
    await start(director, 'master', 7);
    await doctor.findAndMend({
      ...expected,
      check: 'sync-backup-only',
      level: 'error',
      what: /is 1, and this machine has a backup besides its master/,
    });
  });
});

/**
 * A daemon and keys of its own, on a machine with another file in the place of this one.
 *
 * @param theirs what is at `configPath` for those who come in.
 */
async function startSshServer(
  host: Host,
  directory: string,
  theirs: string,
  configPath: string,
): Promise<void> {
  const folder = `${directory}/ssh`;
  mkdirSync(folder, { mode: 0o700 });
  for (const name of ['host', 'client']) {
    await host.exec(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', `${folder}/${name}`]);
  }
  const lines = [
    `HostKey ${folder}/host`,
    `AuthorizedKeysFile ${folder}/client.pub`,
    `SetEnv PATH=${directory}/bin:${process.env['PATH'] ?? ''}`,
    'Subsystem sftp internal-sftp',
    'PidFile none',
    'StrictModes no',
    'UsePAM no',
  ];
  writeFileSync(`${folder}/sshd_config`, `${lines.join('\n')}\n`);
  mkdirSync('/etc/ssh/ssh_config.d', { recursive: true });
  const client = [
    `Host ${host.ipv4} ${host.ipv6}`,
    `IdentityFile ${folder}/client`,
    'StrictHostKeyChecking no',
    `UserKnownHostsFile ${folder}/known`,
  ];
  writeFileSync('/etc/ssh/ssh_config.d/ipvsd-test.conf', `${client.join('\n')}\n`);
  mkdirSync('/run/sshd', { recursive: true });
  writeFileSync(configPath, '');
  const mounted = `mount --bind ${theirs} ${configPath}; exec /usr/sbin/sshd -D -e -f "$0"`;
  const isolated = ['unshare', '--mount', '--propagation', 'private'];
  const server = host.spawn([...isolated, 'sh', '-euc', mounted, `${folder}/sshd_config`]);
  await server.waitForOutput(/Server listening on 0\.0\.0\.0/, 60_000);
}
