import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { MarkedPackets } from '../../src/config/model.ts';
import type { PacketRule } from '../../src/doctor/facts.ts';
import { config, real, virtual } from '../support/builders.ts';
import { ether, facts, loopback, network, peer, set } from '../support/doctor-facts.ts';
import { judge, verdict } from '../support/judge.ts';

const web: MarkedPackets = {
  family: 'inet',
  protocol: 'tcp',
  address: '10.9.0.30',
  port: 80,
  line: 2,
};
const marked = (...addresses: readonly string[]) =>
  virtual({
    id: { family: 'inet', fwmark: 5 },
    markFor: [web],
    reals: addresses.map((address) => real(address)),
  });
const file = config(marked('10.9.0.1', '10.9.0.2'));
const link = '52:54:00:00:00:02';
const heard = { value: network({ neighbours: { [link]: ['10.9.0.2'] } }) };
const rule = (...spared: readonly string[]): PacketRule => ({
  action: 'mark',
  mark: 5,
  whole: true,
  text: 'a rule',
  removal: `remove what spares ${spared.length}`,
  ...(spared.length > 0 && { spared }),
});
const seen = (...rules: readonly PacketRule[]) => facts({ network: heard, packetRules: { rules } });
const other = {
  value: network({ interfaces: [loopback('10.9.0.30/32'), ether('eth0', '10.9.0.2/24')] }),
};
const name = 'two-node-marks';

describe('two-node-marks', () => {
  it('finds the other director’s packets marked, and spares them', () => {
    const command = `ipvsd nft ${file.path} --peer-mac ${link} --apply`;
    assert.deepEqual(verdict(name, file, seen(rule()), peer({ network: other })), [
      'found',
      `error fwm:5: ${command}`,
    ]);
    assert.deepEqual(verdict(name, file, seen(rule('52:54:00:00:00:03'))), [
      'found',
      `warning fwm:5: ${command}`,
    ]);
    const [alone] = judge(name, file, seen(rule())).findings;
    assert.match(alone?.what ?? '', /^no rule spares what 10\.9\.0\.2 sends on from the mark$/);
    assert.match(alone?.why ?? '', /^if that is a director, too, .*TWO NODES in ipvsd\(8\)$/);
    assert.deepEqual(verdict(name, file, seen(rule(link))), ['passed']);
    assert.deepEqual(verdict(name, file, seen(rule('@peers'))), ['passed']);
  });

  it('names every other node, as the rules are replaced', () => {
    const three = config(marked('10.9.0.1', '10.9.0.2', '10.9.0.3'));
    const third = '52:54:00:00:00:03';
    const both = network({ neighbours: { [link]: ['10.9.0.2'], [third]: ['10.9.0.3'] } });
    const found = facts({ network: { value: both }, packetRules: { rules: [rule(link)] } });
    assert.deepEqual(verdict(name, three, found), [
      'found',
      `warning fwm:5: ipvsd nft ${file.path} --peer-mac ${link} --peer-mac ${third} --apply`,
    ]);
  });

  it('removes what marks them besides rules that do not', () => {
    assert.deepEqual(verdict(name, file, seen(rule(link), rule())), [
      'found',
      'warning fwm:5: remove what spares 0',
    ]);
  });

  it('leaves the address open that was not heard, and does not judge others then', () => {
    const unheard = (one: PacketRule) => facts({ packetRules: { rules: [one] } });
    assert.deepEqual(verdict(name, file, unheard(rule())), [
      'found',
      `warning fwm:5: ipvsd nft ${file.path} --peer-mac MAC --apply`,
    ]);
    const [finding] = judge(name, file, unheard(rule())).findings;
    assert.match(finding?.why ?? '', /MAC is what "ip neigh show 10\.9\.0\.2" prints/);
    assert.equal(verdict(name, file, unheard(rule(link)))[0], 'not looked at');
  });

  it('is content with the other ways out, and where no mark is set', () => {
    const cleared = { ...file, standby: { checks: 'full', table: 'clear' } } as const;
    assert.deepEqual(verdict(name, cleared, seen(rule())), ['not needed']);
    const only = set({ 'net.ipv4.vs.backup_only': '1' });
    const backup = { ...seen(rule()), ...only };
    assert.deepEqual(verdict(name, file, backup), ['passed']);
    assert.deepEqual(verdict(name, file, backup, peer({ network: other, ...only })), ['passed']);
    assert.equal(verdict(name, file, backup, peer({ network: other }))[0], 'found');
    assert.deepEqual(verdict(name, file, seen()), ['passed']);
    assert.deepEqual(verdict(name, file, seen({ ...rule(), mark: 6 })), ['passed']);
  });

  it('has nothing to do with masq, and with real servers that are all elsewhere or all here', () => {
    const none = ['not needed'];
    const look = (of: Partial<ReturnType<typeof virtual>>) =>
      verdict(name, config({ ...marked('10.9.0.1', '10.9.0.2'), ...of }), seen(rule()));
    assert.deepEqual(
      look({ reals: [real('10.9.0.1'), real('10.9.0.2', { forward: 'masq' })] }),
      none,
    );
    assert.deepEqual(look({ reals: [real('10.9.0.2'), real('10.9.0.3')] }), none);
    assert.deepEqual(look({ reals: [real('10.9.0.1'), real('127.0.0.1')] }), none);
    const third = { value: network({ interfaces: [ether('eth0', '10.9.0.3/24')] }) };
    assert.deepEqual(verdict(name, file, seen(rule()), peer({ network: third })), none);
    const { markFor: _, ...unknown } = marked('10.9.0.1', '10.9.0.2');
    assert.deepEqual(verdict(name, config(unknown), seen(rule())), none);
  });
});
