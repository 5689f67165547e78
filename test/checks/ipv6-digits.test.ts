import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ipv6Digits } from '../../src/checks/ipv6-digits.ts';

describe('ipv6Digits', () => {
  for (const [address, digits] of [
    ['::', '00000000000000000000000000000000'],
    ['::1', '00000000000000000000000000000001'],
    ['2001:db8::', '20010db8000000000000000000000000'],
    ['2001:DB8::a:0:7', '20010db8000000000000000a00000007'],
    ['::ffff:192.0.2.7', '00000000000000000000ffffc0000207'],
    ['fe80::1%eth0', 'fe800000000000000000000000000001'],
    ['1:2:3:4:5:6:7:8', '00010002000300040005000600070008'],
  ] as const) {
    it(`writes ${address} in full`, () => assert.equal(ipv6Digits(address), digits));
  }

  it('writes every address in full', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 0xffff }), { minLength: 8, maxLength: 8 }),
        (groups) => {
          const digits = groups.map((group) => group.toString(16).padStart(4, '0')).join('');
          assert.equal(ipv6Digits(groups.map((group) => group.toString(16)).join(':')), digits);
        },
      ),
    );
  });

  it('throws at what is no address', () => {
    for (const text of ['', 'x', '1:2:3', '192.0.2.7']) assert.throws(() => ipv6Digits(text));
  });
});
