import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { type Doctor, doctorIn, section } from '../support/doctor.ts';
import type { Host } from '../support/topology/host.ts';
import { createTopology, type Topology } from '../support/topology.ts';

const vip = '10.9.0.200';
const one = '10.9.0.101';
const file = (...lines: readonly string[]): string =>
  section(`${vip}:80`, 'fallback=127.0.0.1:80 gate', ...lines);

describe('ipvsd doctor on two directors', () => {
  let net: Topology;
  let director: Host;
  let doctor: Doctor;

  before(async () => {
    net = await createTopology({ directors: 2, reals: 1 });
    director = net.director;
    doctor = doctorIn(net);
  });
  after(() => net?.teardown());

  it('compares itself with another director over ssh', async () => {
    const other = net.host('director2');
    await startSshServer(other, net.directory);
    const text = file(`real=${one}:80 gate`);
    const options = ['--peer', other.ipv4];
    const same = await doctor.examine(director, text, 'peer-file', ...options);
    assert.deepEqual([same.outcome, same.findings], ['passed', []]);
    await director.exec([
      'ipvsadm',
      '--start-daemon',
      'master',
      '--mcast-interface',
      'eth0',
      '--syncid',
      '7',
    ]);
    const check = 'peer-sync';
    const expected = { host: director, text, check, options } as const;
    const what = /^master on eth0: has no backup on /;
    await doctor.findAndMend({ ...expected, level: 'warning', what, on: other });
    await other.sysctl('net.ipv4.vs.sync_version', 0);
    await doctor.findAndMend({
      ...expected,
      level: 'error',
      what: /is 1 here and 0 on/,
      on: other,
    });
  });
});

/** A daemon and keys of its own; the file of both machines is one and the same. */
async function startSshServer(host: Host, directory: string): Promise<void> {
  const folder = `${directory}/ssh`;
  mkdirSync(folder, { mode: 0o700 });
  for (const name of ['host', 'client']) {
    await host.exec(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', `${folder}/${name}`]);
  }
  const lines = [
    `HostKey ${folder}/host`,
    `AuthorizedKeysFile ${folder}/client.pub`,
    `SetEnv PATH=${directory}/bin:${process.env['PATH'] ?? ''}`,
    'PidFile none',
    'StrictModes no',
    'UsePAM no',
  ];
  writeFileSync(`${folder}/sshd_config`, `${lines.join('\n')}\n`);
  mkdirSync('/etc/ssh/ssh_config.d', { recursive: true });
  const client = [`Host ${host.ipv4}`, `IdentityFile ${folder}/client`, 'StrictHostKeyChecking no'];
  const known = `UserKnownHostsFile ${folder}/known`;
  writeFileSync('/etc/ssh/ssh_config.d/ipvsd-test.conf', `${[...client, known].join('\n')}\n`);
  mkdirSync('/run/sshd', { recursive: true });
  const server = host.spawn(['/usr/sbin/sshd', '-D', '-e', '-f', `${folder}/sshd_config`]);
  await server.waitForOutput(/Server listening on 0\.0\.0\.0/, 60_000);
}
