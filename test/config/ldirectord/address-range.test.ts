import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { addressRange, maxRange } from '../../../src/config/ldirectord/address-range.ts';

describe('addressRange', () => {
  it('has both ends', () => {
    assert.deepEqual(addressRange('10.9.0.2', '10.9.0.2'), ['10.9.0.2']);
    assert.deepEqual(addressRange('10.9.0.254', '10.9.1.1'), [
      '10.9.0.254',
      '10.9.0.255',
      '10.9.1.0',
      '10.9.1.1',
    ]);
    assert.deepEqual(addressRange('255.255.255.254', '255.255.255.255'), [
      '255.255.255.254',
      '255.255.255.255',
    ]);
  });

  it('compares numbers, not digits', () => {
    assert.equal(addressRange('9.255.255.255', '10.0.0.0').length, 2);
  });

  it('knows its limits', () => {
    assert.equal(addressRange('10.0.0.1', '10.0.0.0'), 'reversed');
    assert.equal(addressRange('10.0.0.0', '10.0.255.255').length, maxRange);
    assert.equal(addressRange('10.0.0.0', '10.1.0.0'), 'too-long');
    assert.equal(addressRange('0.0.0.0', '255.255.255.255'), 'too-long');
  });
});
