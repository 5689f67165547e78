import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { nftablesRules } from '../../../src/doctor/gather/nftables.ts';

const payload = (protocol: string, field: string) => ({ payload: { protocol, field } });
const match = (left: unknown, right: unknown, op = '==') => ({ match: { op, left, right } });
const to = { dnat: { addr: '10.9.0.102', port: 80 } };

/** The JSON of one rule in a chain with that hook. */
function ruleset(expr: readonly unknown[], hook: string | undefined = 'prerouting'): string {
  const place = { family: 'ip', table: 'own' };
  return JSON.stringify({
    nftables: [
      { metainfo: { version: '1.0.6', json_schema_version: 1 } },
      { table: { family: 'ip', name: 'own', handle: 1 } },
      {
        chain: { ...place, name: 'in', handle: 1, ...(hook && { type: 'nat', hook, prio: -100 }) },
      },
      { rule: { ...place, chain: 'in', handle: 4, expr } },
    ],
  });
}

const rules = (expr: readonly unknown[], hook?: string) =>
  nftablesRules(ruleset(expr, hook), new Set());

describe('rules of nftables', () => {
  it('are understood by address, protocol and port', () => {
    const ports = { set: [443, { range: [80, 90] }] };
    const expr = [
      match(payload('ip', 'daddr'), { prefix: { addr: '10.9.0.0', len: 24 } }),
      match(payload('tcp', 'dport'), ports),
      to,
    ];
    assert.deepEqual(rules(expr), [
      {
        action: 'dnat',
        destinations: ['10.9.0.0/24'],
        protocol: 'tcp',
        ports: [
          [443, 443],
          [80, 90],
        ],
        whole: true,
        text: 'ip own in: daddr 10.9.0.0/24 tcp dport 443,80-90 dnat (handle 4)',
        removal: 'nft delete rule ip own in handle 4',
      },
    ]);
  });

  it('are not whole with other conditions, negated ones or named sets', () => {
    const redirect = { redirect: { port: 8080 } };
    const others = [
      match({ meta: { key: 'iifname' } }, 'eth0'),
      match(payload('tcp', 'dport'), 80, '!='),
      match(payload('ip', 'daddr'), '@vips'),
    ];
    for (const other of others) {
      const [rule] = rules([other, redirect]);
      assert.deepEqual([rule?.action, rule?.whole, rule?.ports], ['redirect', false, undefined]);
    }
  });

  it('tell marks, plain or added to others', () => {
    const mark = (value: unknown) => ({ mangle: { key: { meta: { key: 'mark' } }, value } });
    const protocol = match({ meta: { key: 'l4proto' } }, 'udp');
    const [plain] = rules([protocol, mark(7), { accept: null }]);
    assert.deepEqual([plain?.action, plain?.mark, plain?.protocol], ['mark', 7, 'udp']);
    const [added] = rules([mark({ '|': [{ '&': [{ meta: { key: 'mark' } }, 0xffff_fff8] }, 7] })]);
    assert.equal(added?.mark, 7);
    const [computed] = rules([mark({ numgen: { mode: 'inc', mod: 2 } })]);
    assert.deepEqual([computed?.action, computed?.mark], ['mark', undefined]);
    assert.deepEqual(rules([{ mangle: { key: { ct: { key: 'mark' } }, value: 7 } }]), []);
  });

  it('tell whose packets get no mark', () => {
    const set = { mangle: { key: { meta: { key: 'mark' } }, value: 7 } };
    const from = (right: unknown, op?: string) => match(payload('ether', 'saddr'), right, op);
    const place = { family: 'inet', table: 'own' };
    const chain = (name: string) => ({ chain: { ...place, name, hook: 'prerouting' } });
    const rule = (name: string, ...expr: readonly unknown[]) => ({
      rule: { ...place, chain: name, handle: 1, expr },
    });
    const [one, two, three] = ['52:54:00:00:00:0A', '52:54:00:00:00:0b', '52:54:00:00:00:0c'];
    const gone = { return: null };
    const lines = [
      chain('in'),
      chain('other'),
      rule('other', from(three), gone),
      rule('in', set),
      rule('in', from(one), { counter: {} }, gone),
      rule('in', from(three), { counter: {} }),
      rule('in', match(payload('ether', 'daddr'), three), gone),
      rule('in', from({ set: [two, '@more'] }), { accept: null }),
      rule('in', set),
      rule('in', from(three, '!='), set),
    ];
    const found = nftablesRules(JSON.stringify({ nftables: lines }), new Set());
    const spared = [one.toLowerCase(), two, '@more'];
    assert.deepEqual(
      found.map((each) => each.spared),
      [undefined, spared, [...spared, three]],
    );
  });

  it('count on the way in only, and where they are not read otherwise', () => {
    assert.deepEqual(rules([to], 'output'), []);
    assert.equal(rules([to], 'ingress').length, 1);
    assert.equal(nftablesRules(ruleset([to], ''), new Set()).length, 1);
    assert.deepEqual(nftablesRules(ruleset([to]), new Set(['ip own in'])), []);
  });

  it('are refused when they are none', () => {
    assert.throws(() => nftablesRules('[]', new Set()));
  });
});
