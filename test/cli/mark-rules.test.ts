import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { markRules, markTable } from '../../src/cli/mark-rules.ts';
import type { MarkedPackets } from '../../src/config/model.ts';
import { virtual } from '../support/builders.ts';

const web: MarkedPackets = {
  family: 'inet',
  protocol: 'tcp',
  address: '10.9.0.200',
  port: 80,
  line: 2,
};

describe('markRules', () => {
  it('leaves what the other directors send without a mark, then marks the rest', () => {
    const five = virtual({
      id: { family: 'inet', fwmark: 5 },
      markFor: [web, { ...web, protocol: 'udp', port: 0 }],
    });
    const six = virtual({
      id: { family: 'inet6', fwmark: 6 },
      markFor: [{ ...web, family: 'inet6', address: 'fd00::1', port: 443 }],
    });
    const peers = ['02:00:00:00:00:01', '02:00:00:00:00:02'];
    assert.equal(
      markRules('inet ipvsd-www.cf', [virtual(), five, six], peers),
      `table inet ipvsd-www.cf
delete table inet ipvsd-www.cf
table inet ipvsd-www.cf {
	chain marks {
		type filter hook prerouting priority mangle; policy accept;
		# sent on by another director: delivered here, not balanced again
		ether saddr { 02:00:00:00:00:01, 02:00:00:00:00:02 } return
		# fwm:5
		ip daddr 10.9.0.200 tcp dport 80 meta mark set 5
		ip daddr 10.9.0.200 meta l4proto udp meta mark set 5
		# fwm6:6
		ip6 daddr fd00::1 tcp dport 443 meta mark set 6
	}
}
`,
    );
  });

  it('has no rule for a peer that was not named', () => {
    const text = markRules('inet t', [virtual({ id: { family: 'inet', fwmark: 5 } })], []);
    assert.doesNotMatch(text, /saddr|set/);
  });
});

describe('markTable', () => {
  it('is a name that nft and the kernel take, as long as it can the one of the file', () => {
    assert.equal(markTable('www.cf'), 'inet ipvsd-www.cf');
    const table = /^inet ipvsd-[\w.-]+\/[\da-f]{32}$/;
    assert.match(markTable('a b;{é}'), table);
    const longest = 'a'.repeat(249);
    assert.equal(markTable(longest), `inet ipvsd-${longest}`);
    assert.match(markTable(`${longest}a`), table);
    assert.ok(markTable(`${longest}a`).length < 200);
  });

  it('is another one for every file', () => {
    const long = 'a'.repeat(249);
    const names = ['a b', 'a_b', 'a;b', 'ab', 'ä', 'ö', '_', `${long}a`, `${long}b`, long];
    assert.equal(new Set(names.map(markTable)).size, names.length);
  });
});
