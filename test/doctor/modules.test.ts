import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { config, real, virtual } from '../support/builders.ts';
import { facts, set } from '../support/doctor-facts.ts';
import { verdict } from '../support/judge.ts';

describe('modules', () => {
  it('wants IPVS, the schedulers and the persistence engines', () => {
    const file = config(virtual({ scheduler: 'mh', persistentEngine: 'sip' }));
    const modules = { ip_vs: 'missing', ip_vs_mh: 'missing', ip_vs_pe_sip: 'missing' } as const;
    assert.deepEqual(verdict('modules', file, facts({ modules })), [
      'found',
      'error kernel: depmod -a && modprobe ip_vs',
      'error tcp:10.9.0.30:80: depmod -a && modprobe ip_vs_mh',
      'error tcp:10.9.0.30:80: depmod -a && modprobe ip_vs_pe_sip',
    ]);
    assert.deepEqual(verdict('modules', config(virtual()), facts()), ['passed']);
  });

  it('says when it cannot be told', () => {
    const modules = { ip_vs: 'loaded', ip_vs_wrr: 'unknown' } as const;
    assert.deepEqual(verdict('modules', config(virtual()), facts({ modules })), [
      'not looked at',
      'info ip_vs_wrr: no command',
    ]);
  });

  it('wants the helper of ftp with masq', () => {
    const id = { family: 'inet', protocol: 'tcp', address: '10.9.0.30', port: 21 } as const;
    const masq = config(virtual({ id, reals: [real('10.9.0.2', { port: 21, forward: 'masq' })] }));
    const { modules } = facts();
    const mend = 'warning tcp:10.9.0.30:21: modprobe ip_vs_ftp';
    assert.deepEqual(verdict('modules', masq, facts()), ['found', mend]);
    const loaded = { ...modules, ip_vs_ftp: 'loaded' } as const;
    assert.deepEqual(verdict('modules', masq, facts({ modules: loaded })), ['passed']);
    const gate = config(virtual({ id, reals: [real('10.9.0.2', { port: 21 })] }));
    assert.deepEqual(verdict('modules', gate, facts()), ['passed']);
  });
});

describe('connection-tracking', () => {
  const seen = (settings: Record<string, string>) =>
    verdict('connection-tracking', config(virtual()), facts(set(settings)));
  const on = { 'net.ipv4.vs.conntrack': '1' };

  it('wants nf_conntrack, with room', () => {
    assert.deepEqual(seen({}), ['passed']);
    assert.deepEqual(seen(on), ['found', 'error net.ipv4.vs.conntrack: modprobe nf_conntrack']);
    const max = { ...on, 'net.netfilter.nf_conntrack_max': '1000' };
    assert.deepEqual(seen({ ...max, 'net.netfilter.nf_conntrack_count': '899' }), ['passed']);
    const name = 'net.netfilter.nf_conntrack_max';
    assert.deepEqual(seen({ ...max, 'net.netfilter.nf_conntrack_count': '900' }), [
      'found',
      `warning ${name}: sysctl -w ${name}=2000`,
    ]);
  });
});
