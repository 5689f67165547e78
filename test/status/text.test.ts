import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Snapshot } from '../../src/status/snapshot.ts';
import { statusText } from '../../src/status/text.ts';

const at = (seconds: number) => new Date(Date.UTC(2026, 10, 20, 12, 0, seconds)).toISOString();
const server = {
  forward: 'gate',
  configuredWeight: 1,
  failures: 0,
  failureCount: 3,
  since: at(0),
} as const;

const snapshot: Snapshot = {
  version: '0.1.0',
  instance: 'www.cf',
  pid: 77,
  config: '/etc/ha.d/www.cf',
  backend: 'netlink',
  state: 'running',
  role: 'active',
  roleSince: at(0),
  startedAt: at(0),
  takenAt: at(192),
  verifiedAt: at(190),
  synchronisedAgoMs: 1000,
  verifyIntervalMs: 1000,
  pending: [],
  driftRepairs: 1,
  kernelSettings: [{ name: 'net.ipv4.vs.expire_nodest_conn', value: '1', before: '0' }],
  sync: [{ role: 'master', interface: 'eth0', syncId: 7, group: '224.0.0.81', port: 8848 }],
  networkNamespace: 'net:[1]',
  virtuals: [
    {
      key: 'tcp:10.0.0.1:80',
      service: 'tcp 10.0.0.1:80',
      label: '10.0.0.1:80',
      protocol: 'tcp',
      name: 'shop',
      scheduler: 'wlc',
      persistentS: 600,
      present: true,
      reals: [
        {
          ...server,
          key: '10.0.0.2:80',
          address: '10.0.0.2:80',
          health: 'up',
          failures: 1,
          kernel: { weight: 1, activeConnections: 12, inactiveConnections: 3 },
          check: 'http 10.0.0.2:80 /ok',
          lastCheck: { up: false, reason: '503 Busy', durationMs: 4.2, at: at(191) },
        },
        {
          ...server,
          key: '10.0.0.3:80',
          address: '10.0.0.3:80',
          health: 'down',
          since: at(100),
          order: 'drain',
          kernel: { weight: 0, activeConnections: 0, inactiveConnections: 0 },
          check: 'http 10.0.0.3:80 /ok',
          lastCheck: { up: false, reason: 'connection refused', durationMs: 0.4, at: at(189) },
        },
        {
          ...server,
          key: '10.0.0.4:80',
          address: '10.0.0.4:80',
          health: 'unchecked',
          check: 'off',
        },
      ],
      fallbacks: [{ address: '127.0.0.1:80', forward: 'gate', active: false }],
    },
  ],
};

describe('statusText', () => {
  it('tells who is up, with what weight, and why the others are not', () => {
    assert.equal(
      statusText(snapshot, new Date(at(192))),
      `ipvsd 0.1.0  www.cf  pid 77  running 3m 12s  active  netlink
file   /etc/ha.d/www.cf
table  verified 2s ago, 1 repair of foreign changes
sysctl net.ipv4.vs.expire_nodest_conn = 1 (was 0)
sync   master on eth0  syncid 7  224.0.0.81 port 8848

tcp 10.0.0.1:80 wlc persistent 600 "shop"  1 of 3 up
  server        forward  health                weight  active  inactive  last check
  10.0.0.2:80   gate     up 3m 12s failed 1/3  1       12      3         http 10.0.0.2:80 /ok: 503 Busy (4 ms, 1s ago)
  10.0.0.3:80   gate     down 1m 32s drain     0/1     0       0         http 10.0.0.3:80 /ok: connection refused (0 ms, 3s ago)
  10.0.0.4:80   gate     unchecked 3m 12s      -/1     -       -         not checked (off)
  127.0.0.1:80  gate     fallback idle         -       -       -         not checked
`,
    );
  });

  it('says what it does not know when the kernel could not be read', () => {
    const [first] = snapshot.virtuals;
    assert.ok(first);
    const blind = { ...snapshot, kernelError: 'gone', virtuals: [{ ...first, present: false }] };
    const text = statusText(blind, new Date(at(192)));
    assert.match(text, /^KERNEL NOT READ: gone$/m);
    assert.doesNotMatch(text, /NOT IN KERNEL/);
  });

  it('says how the director stands by, and does not miss what it has to clear', () => {
    const [first] = snapshot.virtuals;
    assert.ok(first);
    const standby = { checks: 'slow', table: 'clear' } as const;
    const virtuals = [{ ...first, present: false }];
    const waiting = {
      ...snapshot,
      role: 'standby' as const,
      roleSince: at(180),
      standby,
      virtuals,
    };
    const text = statusText(waiting, new Date(at(192)));
    assert.match(text, /^ipvsd .* {2}running 3m 12s {2}standby {2}netlink$/m);
    assert.match(text, /^role {3}standby for 12s: checks run slowly, the table is cleared$/m);
    assert.doesNotMatch(text, /NOT IN KERNEL/);
    const kept = { ...waiting, standby: { ...standby, table: 'keep' as const } };
    assert.match(statusText(kept, new Date(at(192))), /NOT IN KERNEL/);
  });

  it('names services that another instance has as well', () => {
    const shared = [{ service: 'tcp 10.0.0.1:80', instance: 'b.cf' }];
    const text = statusText({ ...snapshot, shared }, new Date(at(192)));
    assert.match(text, /^ALSO OF b\.cf: tcp 10\.0\.0\.1:80$/m);
  });

  it('says at the top that the file on disk was refused', () => {
    const text = statusText({ ...snapshot, reloadError: 'www.cf:3:1: bad' }, new Date(at(192)));
    assert.match(text, /^file {3}\/etc\/ha\.d\/www\.cf {2}NOT RELOADED: www\.cf:3:1: bad$/m);
  });

  it('shows quorum, damping, slow start, several checks and checked fallbacks', () => {
    const [virtual] = snapshot.virtuals;
    const [first, second] = virtual?.reals ?? [];
    assert.ok(virtual !== undefined && first !== undefined && second !== undefined);
    const tcp = { name: 'tcp 81', check: 'tcp 10.0.0.2:81', failures: 0, failureCount: 1 };
    const answered = { up: true, reason: 'connected', durationMs: 1, at: at(191) };
    const { order: _, ...held } = second;
    const pool = {
      ...virtual,
      quorum: { weight: 2, hysteresis: 1, live: 1, gained: false },
      reals: [
        {
          ...first,
          share: 0.3,
          checks: [
            { ...first, name: 'http /ok' },
            { ...tcp, health: 'up' as const, lastCheck: answered },
          ],
        },
        { ...held, heldUntil: at(200) },
      ],
      fallbacks: [
        {
          address: '10.0.0.9:80',
          forward: 'masq',
          active: true,
          priority: 1,
          health: 'up' as const,
          check: 'tcp 10.0.0.9:80',
          lastCheck: answered,
        },
      ],
    };
    const text = statusText({ ...snapshot, virtuals: [pool] }, new Date(at(192)));
    assert.equal(
      text.slice(text.indexOf('tcp 10.0.0.1')),
      `tcp 10.0.0.1:80 wlc persistent 600 "shop" NO QUORUM 1/2±1  1 of 2 up
  server       forward  health                              weight  active  inactive  last check
  10.0.0.2:80  gate     up 3m 12s failed 1/3 starts slowly  1       12      3         http 10.0.0.2:80 /ok: 503 Busy (4 ms, 1s ago)
                                                                                      tcp 10.0.0.2:81: connected (1 ms, 1s ago)
  10.0.0.3:80  gate     down 1m 32s held for 8s             0/1     0       0         http 10.0.0.3:80 /ok: connection refused (0 ms, 3s ago)
  10.0.0.9:80  masq     up fallback ACTIVE priority 1       -       -       -         tcp 10.0.0.9:80: connected (1 ms, 1s ago)
`,
    );
  });
});
