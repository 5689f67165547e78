import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { RealStatus, Snapshot, VirtualStatus } from '../../src/status/snapshot.ts';
import { verdict } from '../../src/status/verdict.ts';

const at = (seconds: number) => new Date(Date.UTC(2026, 10, 20, 12, 0, seconds)).toISOString();

function real(changes: Partial<RealStatus> = {}): RealStatus {
  return {
    key: '10.0.0.2:80',
    address: '10.0.0.2:80',
    forward: 'gate',
    health: 'up',
    since: at(0),
    configuredWeight: 1,
    kernel: { weight: 1, activeConnections: 0, inactiveConnections: 0 },
    check: 'connect 10.0.0.2:80',
    failures: 0,
    failureCount: 1,
    ...changes,
  };
}

function virtual(reals: readonly RealStatus[], changes: Partial<VirtualStatus> = {}) {
  const id = { key: 'tcp:10.0.0.1:80', service: 'tcp 10.0.0.1:80', label: '10.0.0.1:80' };
  return {
    ...id,
    protocol: 'tcp',
    scheduler: 'rr',
    persistentS: 0,
    present: true,
    reals,
    fallbacks: [],
    ...changes,
  } as const;
}

function snapshot(changes: Partial<Snapshot> = {}): Snapshot {
  return {
    version: '0.1.0',
    instance: 'www.cf',
    pid: 77,
    config: '/etc/ha.d/www.cf',
    backend: 'netlink',
    state: 'running',
    role: 'active',
    roleSince: at(0),
    startedAt: at(0),
    takenAt: at(30),
    synchronisedAgoMs: 1000,
    verifyIntervalMs: 1000,
    pending: [],
    driftRepairs: 0,
    kernelSettings: [],
    networkNamespace: 'net:[1]',
    virtuals: [virtual([real()])],
    ...changes,
  };
}

describe('verdict', () => {
  it('finds a director in standby well that serves nobody, and not one whose table is wrong', () => {
    const dead = virtual([real({ health: 'down' })], { present: false });
    const standby = snapshot({ role: 'standby', virtuals: [dead] });
    assert.equal(verdict({ ...standby, role: 'active' }, 20).healthy, false);
    const found = verdict(standby, 20);
    assert.deepEqual([found.healthy, found.reason], [true, 'in standby for 1 virtual servers']);
    assert.equal(verdict({ ...standby, pending: ['-D -t 10.0.0.1:80'] }, 10).healthy, false);
  });

  it('finds a daemon healthy whose file on disk is broken, and says that it is', () => {
    const found = verdict(snapshot({ reloadError: 'www.cf:3:1: bad' }), 20);
    assert.deepEqual(found, {
      healthy: true,
      reason: 'serves 1 virtual servers, not reloaded: www.cf:3:1: bad',
      transient: false,
    });
  });

  it('0: sees a main loop that stands still, has not begun, or is ending', () => {
    const limit = snapshot({ synchronisedAgoMs: 8000 });
    assert.equal(verdict(limit, 0).healthy, true);
    for (const [changes, reason] of [
      [{ synchronisedAgoMs: 9000 }, 'the main loop has not gone round for 9 s'],
      [{ state: 'stopping' }, 'the daemon is stopping'],
    ] as const) {
      const found = verdict(snapshot(changes), 0);
      assert.deepEqual([found.healthy, found.reason, found.transient], [false, reason, true]);
    }
    const { synchronisedAgoMs: _, ...young } = snapshot();
    assert.equal(verdict(young, 0).reason, 'the daemon has not applied its rules yet');
  });

  it('10: sees a table that is not as desired, which 0 does not look at', () => {
    const pending = ['-A -t 10.0.0.1:80 -s rr', '-d -t 10.0.0.9:80 -r 10.0.0.2:80'];
    assert.equal(verdict(snapshot({ pending }), 0).healthy, true);
    const { healthy, reason } = verdict(snapshot({ pending }), 10);
    assert.equal(healthy, false);
    assert.match(reason, /it lacks: -A -t 10\.0\.0\.1:80 -s rr and 1 more$/);
  });

  it('10: sees a kernel that cannot be read, which 0 does not look at', () => {
    const blind = snapshot({ kernelError: 'permission denied' });
    assert.equal(verdict(blind, 0).healthy, true);
    const { healthy, reason } = verdict(blind, 10);
    assert.deepEqual([healthy, reason], [false, 'the kernel cannot be read: permission denied']);
  });

  it('20: wants a server that gets traffic and is not down, in each virtual', () => {
    const idle = { weight: 0, activeConnections: 0, inactiveConnections: 0 };
    const { kernel: _, ...absent } = real();
    const fallback = { address: '127.0.0.1:80', forward: 'gate', active: true };
    const down = real({ health: 'down' });
    const cases: readonly (readonly [VirtualStatus, boolean])[] = [
      [virtual([down, real()]), true],
      [virtual([real({ health: 'unchecked' })]), true],
      [virtual([], { fallbacks: [fallback] }), true],
      [virtual([], { fallbacks: [{ ...fallback, active: false }] }), false],
      [virtual([down], { fallbacks: [fallback] }), false],
      [virtual([real({ kernel: idle }), absent]), false],
    ];
    for (const [one, healthy] of cases) {
      const virtuals = [virtual([real()]), one];
      assert.equal(verdict(snapshot({ virtuals }), 20).healthy, healthy, JSON.stringify(one));
      assert.equal(verdict(snapshot({ virtuals }), 10).healthy, true);
    }
  });
});
