import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { config, real, virtual } from '../support/builders.ts';
import { ether, facts, loopback, network, peer, set } from '../support/doctor-facts.ts';
import { judge, verdict } from '../support/judge.ts';

const reals = [real('10.9.0.1'), real('10.9.0.2'), real('127.0.0.1')];
const file = config(virtual({ reals }));
const other = {
  value: network({ interfaces: [loopback('10.9.0.30/32'), ether('eth0', '10.9.0.2/24')] }),
};
const name = 'net.ipv4.vs.backup_only';

describe('two-node-loop', () => {
  it('finds two directors that send packets to and fro, and names both ways out', () => {
    const args = ['two-node-loop', file, facts(), peer({ network: other })] as const;
    assert.deepEqual(verdict(...args), [
      'found',
      `error tcp:10.9.0.30:80: ipvsd config set ${file.path} standbytable=clear`,
    ]);
    const [finding] = judge(...args).findings;
    assert.match(finding?.what ?? '', /^this director and lb2 are real servers of it/);
    assert.match(finding?.why ?? '', /TWO NODES in ipvsd\(8\)/);
  });

  it('is content when one of them alone has a table, or is a director', () => {
    const cleared = { ...file, standby: { checks: 'full', table: 'clear' } } as const;
    const there = peer({ network: other });
    assert.deepEqual(verdict('two-node-loop', cleared, facts(), there), ['not needed']);
    const only = set({ [name]: '1' });
    const backups = peer({ network: other, ...only });
    assert.deepEqual(verdict('two-node-loop', file, facts(only), backups), ['passed']);
    assert.deepEqual(verdict('two-node-loop', file, facts(only), there)[0], 'found');
  });

  it('has nothing to do with marks, masq, other machines, or a lone director', () => {
    const there = peer({ network: other });
    const none = ['not needed'];
    const look = (of: Partial<ReturnType<typeof virtual>>) =>
      verdict('two-node-loop', config(virtual({ reals, ...of })), facts(), there);
    assert.deepEqual(look({ id: { family: 'inet', fwmark: 1 } }), none);
    assert.deepEqual(look({ reals: reals.map((one) => ({ ...one, forward: 'masq' })) }), none);
    assert.deepEqual(look({ reals: [real('10.9.0.2'), real('10.9.0.3')] }), none);
    assert.deepEqual(look({ reals: [real('10.9.0.1'), real('127.0.0.1')] }), none);
    assert.deepEqual(verdict('two-node-loop', file, facts()), none);
  });
});
