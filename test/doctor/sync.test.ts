import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { SyncDaemon } from '../../src/ipvs-netlink/daemon.ts';
import { config, real, virtual } from '../support/builders.ts';
import { facts, local, network, peer, set } from '../support/doctor-facts.ts';
import { judge, verdict } from '../support/judge.ts';

const daemon = (changes: Partial<SyncDaemon> = {}): SyncDaemon => ({
  role: 'master',
  interface: 'eth0',
  syncId: 7,
  group: '224.0.0.81',
  port: 8848,
  ...changes,
});
const ipvs = (...daemons: readonly SyncDaemon[]) => ({
  ipvs: { value: { version: '1.2.1', daemons } },
});
const file = config(virtual());

describe('sync-format', () => {
  const old = set({ 'net.ipv4.vs.sync_version': '0' });

  it('wants version 1 for all but IPv4 addresses', () => {
    const marked = config(virtual({ id: { family: 'inet', fwmark: 5 } }));
    assert.deepEqual(verdict('sync-format', marked, facts({ ...old, ...ipvs(daemon()) })), [
      'found',
      'error fwm:5: sysctl -w net.ipv4.vs.sync_version=1',
    ]);
    assert.deepEqual(verdict('sync-format', file, facts({ ...old, ...ipvs(daemon()) })), [
      'passed',
    ]);
    assert.deepEqual(verdict('sync-format', marked, facts(old)), ['not needed']);
  });
});

describe('sync-interface', () => {
  it('wants it up', () => {
    assert.deepEqual(verdict('sync-interface', file, facts(ipvs(daemon()))), ['passed']);
    const gone = facts(ipvs(daemon({ interface: 'eth1' })));
    assert.deepEqual(verdict('sync-interface', file, gone), [
      'found',
      'error eth1: ip link set dev eth1 up',
    ]);
  });
});

describe('sync-loop', () => {
  const own = { value: network({ routes: { '10.9.0.2': local } }) };
  const backup = ipvs(daemon({ role: 'backup' }));
  const name = 'net.ipv4.vs.backup_only';

  it('wants backup_only on a backup director that is a real server', () => {
    const seen = facts({ ...backup, network: own });
    assert.deepEqual(verdict('sync-loop', file, seen), [
      'found',
      `warning ${name}: sysctl -w ${name}=1`,
    ]);
    const mended = facts({ ...backup, network: own, ...set({ [name]: '1' }) });
    assert.deepEqual(verdict('sync-loop', file, mended), ['passed']);
    assert.deepEqual(verdict('sync-loop', file, facts(backup)), ['not needed']);
    const masq = config(virtual({ reals: [real('10.9.0.2', { forward: 'masq' })] }));
    assert.deepEqual(verdict('sync-loop', masq, seen), ['not needed']);
    const both = facts({ ...ipvs(daemon(), daemon({ role: 'backup' })), network: own });
    assert.deepEqual(verdict('sync-loop', file, both), [
      'found',
      `warning ${name}: ipvsd sync stop ROLE && sysctl -w ${name}=1`,
    ]);
  });

  it('finds both roles where backup_only keeps the machine from balancing', () => {
    const both = ipvs(daemon(), daemon({ role: 'backup' }));
    const only = set({ [name]: '1' });
    assert.deepEqual(verdict('sync-backup-only', file, facts({ ...both, ...only })), [
      'found',
      `error ${name}: sysctl -w ${name}=0`,
    ]);
    assert.deepEqual(verdict('sync-backup-only', file, facts(both)), ['passed']);
    assert.deepEqual(verdict('sync-backup-only', file, facts({ ...backup, ...only })), [
      'not needed',
    ]);
  });

  it('is content with a table that the backup clears, and with marks by source', () => {
    const seen = facts({ ...backup, network: own });
    const cleared = { ...file, standby: { checks: 'full', table: 'clear' } } as const;
    assert.deepEqual(verdict('sync-loop', cleared, seen), ['not needed']);
    const packets = {
      family: 'inet',
      protocol: 'tcp',
      address: '10.9.0.30',
      port: 80,
      line: 3,
    } as const;
    const marked = config(virtual({ id: { family: 'inet', fwmark: 1 }, markFor: [packets] }));
    assert.deepEqual(verdict('sync-loop', marked, seen), ['not needed']);
  });
});

describe('the peer', () => {
  it('is not needed', () => {
    assert.deepEqual(verdict('peer-file', file, facts()), ['not needed']);
  });

  it('has the same file, and the same ipvsd', () => {
    assert.deepEqual(verdict('peer-file', file, facts(), peer()), ['passed']);
    assert.deepEqual(verdict('peer-file', file, facts(), peer({ digest: 'bb' })), [
      'found',
      'error test.cf: scp test.cf lb2:test.cf',
    ]);
    const odd = { ...file, files: ["/etc/lb 1/it's.cf"] };
    assert.deepEqual(verdict('peer-file', odd, facts(), peer({ digest: 'bb', host: 'fd00::2' })), [
      'found',
      String.raw`error test.cf: scp '/etc/lb 1/it'\''s.cf' '[fd00::2]:/etc/lb 1/it'\''s.cf'`,
    ]);
    assert.deepEqual(verdict('peer-version', file, facts(), peer()), ['passed']);
    assert.deepEqual(verdict('peer-version', file, facts(), peer({ ipvsd: '0.10.0' })), [
      'found',
      'warning ipvsd: npm install -g ./ipvsd-0.10.0.tgz',
    ]);
  });

  it('has the other half of the synchronisation', () => {
    const here = facts(ipvs(daemon()));
    const at = (...daemons: readonly SyncDaemon[]) =>
      verdict('peer-sync', file, here, peer(ipvs(...daemons)));
    const backup = daemon({ role: 'backup' });
    assert.deepEqual(at(backup), ['passed']);
    const words = '--syncid 7 --port 8848 --group 224.0.0.81';
    assert.deepEqual(at(), [
      'found',
      `warning master on eth0: ipvsd sync start backup eth0 ${words}`,
    ]);
    assert.deepEqual(at({ ...backup, syncId: 0 }), ['passed']);
    assert.deepEqual(at({ ...backup, syncId: 8 }), [
      'found',
      'error master on eth0: ipvsd sync start master eth0 --syncid 8 --port 8848 --group 224.0.0.81',
    ]);
    const args = ['peer-sync', file, facts(), peer(ipvs(daemon()))] as const;
    assert.equal(judge(...args).findings[0]?.what, 'of lb2 has no backup here');
    assert.deepEqual(verdict(...args), [
      'found',
      `warning master on eth0: ipvsd sync start backup eth0 ${words}`,
    ]);
    assert.deepEqual(verdict('peer-sync', file, facts(), peer()), ['not needed']);
  });

  it('speaks the same version', () => {
    const name = 'net.ipv4.vs.sync_version';
    const there = peer({ ...ipvs(daemon({ role: 'backup' })), ...set({ [name]: '0' }) });
    assert.deepEqual(verdict('peer-sync', file, facts(ipvs(daemon())), there), [
      'found',
      `error ${name}: sysctl -w ${name}=1`,
    ]);
  });
});
