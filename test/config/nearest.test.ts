import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { didYouMean, nearest } from '../../src/config/nearest.ts';

const names = ['checkinterval', 'checkport', 'receive', 'real', 'rise', 'fork'];

describe('nearest', () => {
  it('finds what was meant', () => {
    assert.equal(nearest('checkintreval', names), 'checkinterval');
    assert.equal(nearest('recieve', names), 'receive');
    assert.equal(nearest('Fork', names), 'fork');
    assert.equal(nearest('reel', names), 'real');
    assert.equal(nearest('chekport', names), 'checkport');
  });

  it('finds a swap at the end of a long word, and the better of two', () => {
    assert.equal(nearest('emailalertstatsu', ['emailalertstatus']), 'emailalertstatus');
    assert.equal(nearest('quiesent', ['quiet', 'quiescent']), 'quiescent');
    assert.equal(nearest('ab', ['ba']), 'ba');
  });

  it('finds nothing that is far', () => {
    assert.equal(nearest('foo', names), undefined);
    assert.equal(nearest('weight', names), undefined);
    assert.equal(nearest('', names), undefined);
  });

  it('is part of a sentence, or nothing', () => {
    assert.equal(didYouMean('recieve', names), '; did you mean "receive"?');
    assert.equal(didYouMean('weight', names), '');
    assert.equal(didYouMean('x'.repeat(100_000), names), '');
  });
});
