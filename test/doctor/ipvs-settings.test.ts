import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { config, real, virtual } from '../support/builders.ts';
import { facts, set } from '../support/doctor-facts.ts';
import { verdict } from '../support/judge.ts';

const udp = { family: 'inet', protocol: 'udp', address: '10.9.0.30', port: 53 } as const;

describe('failed-servers', () => {
  const seen = (changes: Parameters<typeof virtual>[0], settings: Record<string, string> = {}) =>
    verdict('failed-servers', config(virtual(changes)), facts(set(settings)));

  it('wants templates of quiescent servers to expire', () => {
    const name = 'net.ipv4.vs.expire_quiescent_template';
    const sticky = { persistentS: 600, quiescent: true };
    assert.deepEqual(seen(sticky), ['found', `warning test.cf:1: sysctl -w ${name}=1`]);
    assert.deepEqual(seen(sticky, { [name]: '1' }), ['passed']);
    assert.deepEqual(seen({ ...sticky, quiescent: false }), ['passed']);
  });

  it('wants connections of udp clients to expire', () => {
    const name = 'net.ipv4.vs.expire_nodest_conn';
    const mend = `sysctl -w ${name}=1`;
    assert.deepEqual(seen({ id: udp }), ['found', `warning test.cf:1: ${mend}`]);
    assert.deepEqual(seen({ id: udp, quiescent: true }), [
      'found',
      `warning test.cf:1: ipvsd config set test.cf udp:10.9.0.30:53 quiescent=no && ${mend}`,
    ]);
    assert.deepEqual(seen({ id: udp }, { [name]: '1' }), ['passed']);
    assert.deepEqual(seen({ id: udp, persistentClean: true }), ['passed']);
  });

  it('is not looked at without ip_vs', () => {
    const blind = facts({ settings: {} });
    const [outcome, finding] = verdict('failed-servers', config(virtual()), blind);
    assert.equal(outcome, 'not looked at');
    assert.match(finding ?? '', /: modprobe ip_vs$/);
  });
});

describe('port-reuse', () => {
  const seen = (mode: string, conntrack: string, kernel: string) =>
    verdict(
      'port-reuse',
      config(virtual()),
      facts({
        kernel,
        ...set({ 'net.ipv4.vs.conn_reuse_mode': mode, 'net.ipv4.vs.conntrack': conntrack }),
      }),
    );
  const to = (value: number) => [
    'found',
    `warning net.ipv4.vs.conn_reuse_mode: sysctl -w net.ipv4.vs.conn_reuse_mode=${value}`,
  ];

  it('costs a second before Linux 5.9 with connection tracking, and leads to dead servers when off', () => {
    assert.deepEqual(seen('1', '1', '5.8.18'), to(0));
    assert.deepEqual(seen('1', '1', '5.9.0-1'), ['passed']);
    assert.deepEqual(seen('1', '1', '5.10.0-8'), ['passed']);
    assert.deepEqual(seen('1', '0', '4.19.0'), ['passed']);
    assert.deepEqual(seen('0', '1', '4.19.0'), ['passed']);
    assert.deepEqual(seen('0', '0', '6.1.0'), to(1));
  });

  it('is about tcp', () => {
    assert.deepEqual(verdict('port-reuse', config(virtual({ id: udp })), facts()), ['not needed']);
  });
});

describe('sloppy-connections', () => {
  it('tells of hashing without it, with gate and ipip', () => {
    const name = 'net.ipv4.vs.sloppy_tcp';
    const mh = config(virtual({ scheduler: 'mh' }));
    const info = `info tcp:10.9.0.30:80: sysctl -w ${name}=1`;
    assert.deepEqual(verdict('sloppy-connections', mh, facts()), ['passed', info]);
    const on = facts(set({ [name]: '1' }));
    assert.deepEqual(verdict('sloppy-connections', mh, on), ['passed']);
    const masq = virtual({ scheduler: 'mh', reals: [real('10.9.0.2', { forward: 'masq' })] });
    assert.deepEqual(verdict('sloppy-connections', config(masq), facts()), ['not needed']);
  });
});
