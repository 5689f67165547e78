import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Network, PacketRule } from '../../src/doctor/facts.ts';
import { catches } from '../../src/doctor/packet-rules.ts';
import { config, real, virtual } from '../support/builders.ts';
import { facts, network } from '../support/doctor-facts.ts';
import { verdict } from '../support/judge.ts';

const rule = (changes: Partial<PacketRule>): PacketRule => ({
  action: 'dnat',
  whole: true,
  text: 'a rule',
  removal: 'remove it',
  ...changes,
});
const seen = (...rules: readonly PacketRule[]) => facts({ packetRules: { rules } });

describe('nat-rules', () => {
  it('is an error where the rule takes the packets, a warning where it may', () => {
    const file = config(virtual());
    assert.deepEqual(verdict('nat-rules', file, seen(rule({}))), [
      'found',
      'error tcp:10.9.0.30:80: remove it',
    ]);
    assert.deepEqual(verdict('nat-rules', file, seen(rule({ whole: false }))), [
      'found',
      'warning tcp:10.9.0.30:80: remove it',
    ]);
    assert.deepEqual(verdict('nat-rules', file, seen(rule({ ports: [[81, 90]] }))), ['passed']);
  });

  it('compares protocol, port and address', () => {
    const hits = (changes: Partial<PacketRule>) => catches(rule(changes), virtual());
    assert.equal(hits({ protocol: 'tcp', ports: [[80, 80]], destinations: ['10.9.0.30'] }), true);
    assert.equal(hits({ protocol: 'udp' }), false);
    assert.equal(hits({ ports: [[1, 79]] }), false);
    assert.equal(
      hits({
        ports: [
          [1, 79],
          [80, 90],
        ],
      }),
      true,
    );
    assert.equal(hits({ destinations: ['10.9.0.31'] }), false);
    assert.equal(hits({ destinations: ['10.9.0.0/24'] }), true);
    assert.equal(hits({ destinations: ['10.9.0.1-10.9.0.29', 'fd00::/8'] }), false);
    assert.equal(hits({ destinations: ['10.9.0.1-10.9.0.40'] }), true);
  });
});

describe('mark-rules', () => {
  const file = config(virtual({ id: { family: 'inet', fwmark: 5 } }));

  it('wants a rule for each mark', () => {
    assert.deepEqual(verdict('mark-rules', file, seen(rule({ action: 'mark', mark: 5 }))), [
      'passed',
    ]);
    const [outcome, finding = ''] = verdict(
      'mark-rules',
      file,
      seen(rule({ action: 'mark', mark: 6 })),
    );
    assert.equal(outcome, 'found');
    assert.match(finding, /^error fwm:5: nft add table ip ipvsd && .* meta mark set 5$/);
  });

  it('has the rules ready where the file says what the mark is for', () => {
    const packets = {
      family: 'inet',
      protocol: 'tcp',
      address: '10.9.0.30',
      port: 80,
      line: 3,
    } as const;
    const marked = virtual({ id: { family: 'inet', fwmark: 5 }, markFor: [packets] });
    const known = config(marked);
    assert.deepEqual(verdict('mark-rules', known, seen()), [
      'found',
      `error fwm:5: ipvsd nft ${known.path} --apply`,
    ]);
    assert.deepEqual(verdict('mark-rules', { ...known, path: '/etc/lb 1.cf' }, seen()), [
      'found',
      "error fwm:5: ipvsd nft '/etc/lb 1.cf' --apply",
    ]);
    // another real server may be a director as this one is: what it sends on gets no mark
    const nodes = config({ ...marked, reals: [real('10.9.0.1'), real('10.9.0.2')] });
    const command = (value: Network) =>
      verdict('mark-rules', nodes, facts({ network: { value }, packetRules: { rules: [] } }))[1];
    assert.equal(command(network()), `error fwm:5: ipvsd nft ${nodes.path} --peer-mac MAC --apply`);
    const neighbours = { '52:54:00:00:00:02': ['10.9.0.2'] };
    assert.equal(
      command(network({ neighbours })),
      `error fwm:5: ipvsd nft ${nodes.path} --peer-mac 52:54:00:00:00:02 --apply`,
    );
    const blind = facts({
      network: { unknown: 'ip is not installed' },
      packetRules: { rules: [] },
    });
    assert.deepEqual(verdict('mark-rules', nodes, blind), ['found', 'error fwm:5: no command']);
  });

  it('does not judge where a mark is computed, or no rule can be read', () => {
    assert.equal(verdict('mark-rules', file, seen(rule({ action: 'mark' })))[0], 'not looked at');
    const unseen = { unknown: 'nft is not installed', command: 'apt-get install nftables' };
    const blind = facts({ packetRules: { rules: [], unseen } });
    assert.equal(verdict('mark-rules', file, blind)[0], 'not looked at');
  });
});
