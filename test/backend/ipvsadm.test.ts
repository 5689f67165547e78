import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { IpvsadmBackend } from '../../src/backend/ipvsadm.ts';
import { service, web } from '../contract/sample-table.ts';

// with a command of our own in place of ipvsadm; the real one is in test/kernel
describe('IpvsadmBackend', () => {
  let directory = '';
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'ipvsd-ipvsadm-'));
  });
  after(async () => {
    await rm(directory, { recursive: true });
  });

  async function command(script: string): Promise<void> {
    await writeFile(join(directory, 'ipvsadm'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  }

  const works = `
    if [ "$1" = -R ]; then cat >/dev/null; printf 'Service not defined\\nNo such service\\n' >&2; exit 0; fi`;

  it('says that permission is missing', async () => {
    await command(`cat >/dev/null
      echo "Can't initialize ipvs: Permission denied (you must be root)" >&2; exit 2`);
    await assert.rejects(IpvsadmBackend.open(directory), {
      name: 'BackendError',
      message: 'cannot open the IPVS table: permission denied; run as root or with CAP_NET_ADMIN',
    });
  });

  it('says that the kernel has no ip_vs', async () => {
    await command(`cat >/dev/null
      echo "modprobe: FATAL: Module ip_vs not found in directory /lib/modules/6.1.0" >&2
      echo "Can't initialize ipvs: Protocol not available" >&2
      echo "Are you sure that IP Virtual Server is built in the kernel or as module?" >&2; exit 2`);
    await assert.rejects(IpvsadmBackend.open(directory), {
      name: 'BackendError',
      message: 'the kernel has no IPVS: load module ip_vs',
    });
  });

  it('does not trust a command whose answers it does not know', async () => {
    await command('cat >/dev/null; echo "ipvsadm: option requires tea" >&2; exit 1');
    await assert.rejects(IpvsadmBackend.open(directory), {
      name: 'BackendError',
      message: 'ipvsadm -R: expected no complaint, got "ipvsadm: option requires tea"',
    });
  });

  it('survives a command that does not read its input', async () => {
    await command('exit 0');
    await assert.rejects(IpvsadmBackend.open(directory), { name: 'BackendError' });
  });

  it('joins the table and its numbers out of five listings', async () => {
    const fixtures = fileURLToPath(new URL('../../../fixtures/ipvsadm', import.meta.url));
    await command(`${works}
      case "$*" in
        -Sn) exec cat ${fixtures}/busy-saved.txt;;
        '-Ln --thresholds') exec cat ${fixtures}/busy-thresholds.txt;;
        '-Ln --persistent-conn') exec cat ${fixtures}/busy-persistent.txt;;
        '-Ln --stats --exact') exec cat ${fixtures}/busy-stats.txt;;
        '-Ln --rate --exact') exec cat ${fixtures}/busy-rates.txt;;
      esac`);
    const [entry] = await (await IpvsadmBackend.open(directory)).readTable();
    assert.equal(entry?.persistenceTimeoutS, 60);
    assert.equal(entry.stats.connections, 7n);
    assert.equal(entry.stats.outBytesPerSecond, 1572n);
    const [busy, idle] = entry.destinations;
    assert.deepEqual(busy, {
      id: { family: 'inet', address: '127.0.0.1', port: 8080 },
      forwarding: 'masq',
      weight: 1,
      upperThreshold: 100,
      lowerThreshold: 20,
      activeConnections: 3,
      inactiveConnections: 4,
      persistentConnections: 1,
      stats: entry.stats,
    });
    assert.equal(idle?.upperThreshold, 10);
    assert.equal(idle.stats.connections, 0n);
  });

  it('says which line of a listing it cannot read', async () => {
    await command(`${works}\necho '-A -t web:http -s rr'`);
    const backend = await IpvsadmBackend.open(directory);
    await assert.rejects(backend.readTable(), {
      name: 'BackendError',
      message:
        'cannot read the IPVS table: ipvsadm -Sn: expected a service after -t, -u,' +
        ' --sctp-service or -f, got "-A -t web:http -s rr"',
    });
  });

  it('starts anew after an operation that ended the command', async () => {
    await command(`
      while read -r line; do
        case "$line" in
          '-A '*:81\\ *) echo 'illegal something specified' >&2; exit 2;;
          '-A '*) echo "$line" >> ${directory}/done;;
          -Z*) echo 'No such service' >&2;;
          -d*) echo 'Service not defined' >&2;;
        esac
      done`);
    const backend = await IpvsadmBackend.open(directory);
    const outcomes = await backend.apply(
      [80, 81, 82].map((port) => ({ kind: 'add-service', service: service({ ...web, port }) })),
    );
    assert.deepEqual(
      outcomes.map(({ error }) => error?.message),
      [undefined, 'ipvsadm: illegal something specified', undefined],
    );
  });
});
