import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { config, real, virtual } from '../support/builders.ts';
import { direct, ether, facts, network, set } from '../support/doctor-facts.ts';
import { judge, verdict } from '../support/judge.ts';

const masq = config(virtual({ reals: [real('10.9.0.2', { forward: 'masq' })] }));
const gate = config(virtual());

describe('ip-forward', () => {
  it('is needed for masq only, and not for a real server on this machine', () => {
    const off = facts(set({ 'net.ipv4.ip_forward': '0' }));
    const mend = 'sysctl -w net.ipv4.ip_forward=1';
    assert.deepEqual(verdict('ip-forward', masq, off), [
      'found',
      `error net.ipv4.ip_forward: ${mend}`,
    ]);
    assert.deepEqual(verdict('ip-forward', gate, off), ['not needed']);
    const own = config(virtual({ reals: [real('127.0.0.1', { forward: 'masq' })] }));
    assert.deepEqual(verdict('ip-forward', own, off), ['not needed']);
    assert.deepEqual(verdict('ip-forward', masq, facts()), ['passed']);
  });

  it('looks at the interface of the real server, whose name may have a dot', () => {
    const name = 'net.ipv4.conf.eth0/7.forwarding';
    const routes = { ...network().routes, '10.9.0.2': { ...direct, interface: 'eth0.7' } };
    const seen = facts({ ...set({ [name]: '0' }), network: { value: network({ routes }) } });
    assert.deepEqual(verdict('ip-forward', masq, seen), [
      'found',
      `error ${name}: sysctl -w ${name}=1`,
    ]);
  });

  it('asks IPv6 for IPv6', () => {
    const six = config(virtual({ reals: [real('fd00::2', { forward: 'masq' })] }));
    const off = facts(set({ 'net.ipv4.ip_forward': '0', 'net.ipv6.conf.all.forwarding': '0' }));
    const name = 'net.ipv6.conf.all.forwarding';
    assert.deepEqual(verdict('ip-forward', six, off), [
      'found',
      `error ${name}: sysctl -w ${name}=1`,
    ]);
  });
});

describe('redirects', () => {
  it('matters where clients and real servers are on one interface', () => {
    const on = set({ 'net.ipv4.conf.eth0.send_redirects': '1' });
    const mend = 'sysctl -w net.ipv4.conf.all.send_redirects=0 net.ipv4.conf.eth0.send_redirects=0';
    const place = 'net.ipv4.conf.eth0.send_redirects';
    assert.deepEqual(verdict('redirects', masq, facts(on)), ['found', `warning ${place}: ${mend}`]);
    assert.deepEqual(verdict('redirects', masq, facts()), ['passed']);
    const routes = { ...network().routes, '10.9.0.2': { ...direct, interface: 'eth1' } };
    const apart = facts({ ...on, network: { value: network({ routes }) } });
    assert.deepEqual(verdict('redirects', masq, apart), ['not needed']);
  });
});

describe('return-path', () => {
  it('cannot be seen, and says so with the route that is needed', () => {
    const { outcome, findings } = judge('return-path', masq, facts());
    assert.equal(outcome, 'not looked at');
    const [{ level, command, on } = {}] = findings;
    const mend = 'ip route replace default via 10.9.0.1';
    assert.deepEqual([level, command, on], ['info', mend, '10.9.0.2']);
  });
});

describe('reverse-path', () => {
  const seen = (values: Record<string, string>, out = 'eth1') =>
    verdict(
      'reverse-path',
      gate,
      facts({
        ...set(values),
        network: {
          value: network({
            interfaces: [...network().interfaces, ether('eth1', '10.8.0.1/24')],
            defaultRoutes: [{ family: 'inet', interface: out }],
          }),
        },
      }),
    );
  const mend = 'net.ipv4.conf.eth0.rp_filter: sysctl -w net.ipv4.conf.eth0.rp_filter=2';

  it('is found where clients come in and the default route goes out elsewhere', () => {
    const name = 'net.ipv4.conf.eth0.rp_filter';
    assert.deepEqual(seen({ [name]: '1' }), ['found', `warning ${mend}`]);
    assert.deepEqual(seen({ [name]: '1' }, 'eth0'), ['passed']);
  });

  it('takes the larger of "all" and the interface', () => {
    const all = 'net.ipv4.conf.all.rp_filter';
    assert.deepEqual(seen({ [all]: '1' }), ['found', `warning ${mend}`]);
    assert.deepEqual(seen({ [all]: '1', 'net.ipv4.conf.eth0.rp_filter': '2' }), ['passed']);
  });
});
