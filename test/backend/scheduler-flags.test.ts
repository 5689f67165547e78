import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  schedulerFlagBit,
  schedulerFlagBits,
  schedulerFlagWords,
} from '../../src/backend/scheduler-flags.ts';

describe('scheduler flags', () => {
  it('words are the bits of include/uapi/linux/ip_vs.h', () => {
    assert.equal(schedulerFlagBit('sh', 'sh-fallback'), 0x08);
    assert.equal(schedulerFlagBit('sh', 'sh-port'), 0x10);
    assert.equal(schedulerFlagBit('mh', 'mh-fallback'), 0x08);
    assert.equal(schedulerFlagBit('mh', 'mh-port'), 0x10);
    assert.equal(schedulerFlagBit('wlc', 'flag-1'), 0x08);
    assert.equal(schedulerFlagBit('wlc', 'flag-2'), 0x10);
    assert.equal(schedulerFlagBit('wlc', 'flag-3'), 0x20);
  });

  it('plain names hold under every scheduler, named ones under their own alone', () => {
    assert.equal(schedulerFlagBit('sh', 'flag-1'), 0x08);
    assert.equal(schedulerFlagBit('sh', 'mh-port'), undefined);
    assert.equal(schedulerFlagBit('rr', 'sh-port'), undefined);
    assert.equal(schedulerFlagBit('rr', 'toString'), undefined);
    assert.equal(schedulerFlagBit('toString', 'flag-2'), 0x10);
  });

  it('several words are joined, unknown ones left out', () => {
    assert.equal(schedulerFlagBits('sh', ['sh-port', 'sh-fallback', 'nonsense']), 0x18);
    assert.equal(schedulerFlagBits('rr', []), 0);
  });

  it('bits become words in ipvsadm order', () => {
    assert.deepEqual(schedulerFlagWords('sh', 0x18), ['sh-fallback', 'sh-port']);
    assert.deepEqual(schedulerFlagWords('mh', 0x10), ['mh-port']);
    assert.deepEqual(schedulerFlagWords('wrr', 0x38), ['flag-1', 'flag-2', 'flag-3']);
    assert.deepEqual(schedulerFlagWords('wrr', 0), []);
  });
});
