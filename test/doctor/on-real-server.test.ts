import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { NetworkInterface } from '../../src/doctor/facts.ts';
import { config, real, virtual } from '../support/builders.ts';
import { ether, facts, loopback, network, set } from '../support/doctor-facts.ts';
import { judge, verdict } from '../support/judge.ts';

const eth0 = ether('eth0', '10.9.0.2/24');
const vip = '10.9.0.30';
const gate = config(virtual());
const ipip = config(virtual({ reals: [real('10.9.0.2', { forward: 'ipip' })] }));
const seenWith = (interfaces: readonly NetworkInterface[], settings: Record<string, string> = {}) =>
  facts({ ...set(settings), network: { value: network({ interfaces }) } });

describe('a real server with gate', () => {
  it('is in the file', () => {
    assert.deepEqual(verdict('in-file', gate, seenWith([loopback(), eth0])), ['passed']);
    assert.equal(judge('in-file', gate, seenWith([loopback()])).outcome, 'found');
    const own = config(virtual({ reals: [real('127.0.0.1')] }));
    assert.equal(judge('in-file', own, seenWith([loopback(), eth0])).outcome, 'found');
  });

  it('has the address on lo, alone', () => {
    assert.deepEqual(verdict('accepts', gate, seenWith([loopback(`${vip}/32`), eth0])), ['passed']);
    assert.deepEqual(verdict('accepts', gate, seenWith([loopback(), eth0])), [
      'found',
      `error ${vip}: ip addr add ${vip}/32 dev lo`,
    ]);
    assert.deepEqual(verdict('accepts', gate, seenWith([loopback(`${vip}/24`), eth0])), [
      'found',
      `error ${vip}/24 on lo: ip addr del ${vip}/24 dev lo && ip addr add ${vip}/32 dev lo`,
    ]);
  });

  it('is silent about it', () => {
    const seen = (settings: Record<string, string>) =>
      verdict('silent', gate, seenWith([loopback(`${vip}/32`), eth0], settings));
    assert.deepEqual(seen({}), ['passed']);
    const ignore = 'net.ipv4.conf.all.arp_ignore';
    assert.deepEqual(seen({ [ignore]: '0' }), ['found', `error ${ignore}: sysctl -w ${ignore}=1`]);
    const own = 'net.ipv4.conf.eth0.arp_ignore';
    assert.deepEqual(seen({ [ignore]: '0', [own]: '2' }), ['passed']);
    const announce = 'net.ipv4.conf.all.arp_announce';
    assert.deepEqual(seen({ [announce]: '1' }), [
      'found',
      `error ${announce}: sysctl -w ${announce}=2`,
    ]);
    const loud = seenWith([loopback(), ether('eth0', '10.9.0.2/24', `${vip}/24`)]);
    assert.deepEqual(verdict('silent', gate, loud), [
      'found',
      `error ${vip} on eth0: ip addr del ${vip}/24 dev eth0 && ip addr add ${vip}/32 dev lo`,
    ]);
  });

  it('needs nothing of that with masq, but the way back', () => {
    const masq = config(virtual({ reals: [real('10.9.0.2', { forward: 'masq' })] }));
    const seen = seenWith([loopback(), eth0]);
    assert.deepEqual(verdict('silent', masq, seen), ['not needed']);
    assert.equal(judge('masq-server', masq, seen).outcome, 'not looked at');
    const alone = facts({
      network: { value: network({ interfaces: [eth0], defaultRoutes: [] }) },
    });
    assert.equal(judge('masq-server', masq, alone).outcome, 'found');
  });

  it('cannot be judged for marks', () => {
    const marked = config(virtual({ id: { family: 'inet', fwmark: 5 } }));
    assert.equal(judge('accepts', marked, seenWith([eth0])).outcome, 'not looked at');
  });
});

describe('the end of a tunnel', () => {
  const tunl0 = (...addresses: readonly string[]): NetworkInterface => ({
    ...ether('tunl0', ...addresses),
    linkType: 'ipip',
    kind: 'ipip',
  });
  const seen = (end: readonly NetworkInterface[], settings: Record<string, string> = {}) =>
    verdict('tunnel-end', ipip, seenWith([loopback(), eth0, ...end], settings));
  const own = 'net.ipv4.conf.tunl0.rp_filter';
  const all = 'net.ipv4.conf.all.rp_filter';

  it('is up', () => {
    const mend = 'error tunl0: modprobe ipip && ip link set dev tunl0 up';
    assert.deepEqual(seen([]), ['found', mend]);
    assert.deepEqual(seen([{ ...tunl0(), up: false }]), ['found', mend]);
    assert.deepEqual(seen([tunl0()]), ['passed']);
  });

  it('filters nothing: neither strictly, nor without an address', () => {
    const loosen = `sysctl -w ${own}=2`;
    const add = `ip addr add ${vip}/32 dev tunl0`;
    const numbered = [tunl0(`${vip}/32`)];
    assert.deepEqual(seen(numbered, { [all]: '1' }), ['found', `error ${own}: ${loosen}`]);
    assert.deepEqual(seen(numbered, { [all]: '1', [own]: '2' }), ['passed']);
    assert.deepEqual(seen([tunl0()], { [all]: '1' }), [
      'found',
      `error ${own}: ${add} && ${loosen}`,
    ]);
    assert.deepEqual(seen([tunl0()], { [own]: '2' }), ['found', `error ${own}: ${add}`]);
  });
});
