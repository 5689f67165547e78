import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { addressNumber, addressOfNumber } from '../../../src/config/keepalived/address-number.ts';
import { Findings } from '../../../src/config/keepalived/finding.ts';
import { groupMembers } from '../../../src/config/keepalived/groups.ts';
import { readAddress } from '../../../src/config/keepalived/values.ts';

function members(entry: string): readonly string[] | undefined {
  const findings = new Findings();
  const [keyword = '', ...words] = entry.split(' ');
  const statement = { file: 'k', line: 1, keyword, words, raw: words.join(' ') };
  const found = groupMembers([statement], findings).map(({ target }) =>
    'fwmark' in target
      ? `${target.fwmark} ${target.family ?? 'any'}`
      : `${target.address} ${target.port}`,
  );
  return findings.failed ? undefined : found;
}

describe('groupMembers', () => {
  const right: readonly [string, readonly string[]][] = [
    ['10.9.0.30', ['10.9.0.30 0']],
    ['10.9.0.30 80', ['10.9.0.30 80']],
    ['10.9.0.30-31 80', ['10.9.0.30 80', '10.9.0.31 80']],
    ['10.9.0.255-10.9.1.0 80', ['10.9.0.255 80', '10.9.1.0 80']],
    ['10.9.0.30/31 80', ['10.9.0.30 80', '10.9.0.31 80']],
    ['fd00:9::9-b 80', ['fd00:9::9 80', 'fd00:9::a 80', 'fd00:9::b 80']],
    ['fd00:9::ffff-fd00:9::1:0 80', ['fd00:9::ffff 80', 'fd00:9::1:0 80']],
    ['fd00:9::/127', ['fd00:9:: 0', 'fd00:9::1 0']],
    ['fwmark 5', ['5 any']],
    ['fwmark 5 inet6', ['5 inet6']],
  ];
  for (const [entry, expected] of right) {
    it(entry, () => assert.deepEqual(members(entry), expected));
  }

  const wrong = [
    '10.9.0.30-30 80',
    '10.9.0.30-20 80',
    '10.9.0.30-256 80',
    '10.9.0.30-1f 80',
    '10.9.0.30-fd00::1 80',
    '10.9.0.31/31 80',
    '10.9.0.30/33 80',
    'fd00:9::9-10000 80',
    'fd00:9::9-g 80',
    'fd00::/64 80',
    '10.9.0.30 80 90',
    '10.9.0.30 http',
    'www.example.com 80',
    'fwmark x',
    'fwmark 5 inet5',
  ];
  for (const entry of wrong) it(`not ${entry}`, () => assert.equal(members(entry), undefined));
});

describe('addresses as numbers', () => {
  it('come back the same', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (text) => {
        const address = readAddress(text);
        assert.ok(address !== undefined);
        const { family } = address;
        assert.deepEqual(addressOfNumber(family, addressNumber(address)), address);
      }),
    );
  });
});
