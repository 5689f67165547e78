import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { untilNextStepMs, weightShare } from '../../src/health/slow-start.ts';

describe('slow start', () => {
  it('gives the weight in ten steps and then whole', () => {
    const shares = [0, 2999, 3000, 15_000, 29_999, 30_000].map((ms) =>
      Math.round(weightShare(ms, 30_000) * 11),
    );
    assert.deepEqual(shares, [1, 1, 2, 6, 10, 11]);
  });

  it('gives all of it at once where it is off, or the server did not come up lately', () => {
    assert.equal(weightShare(0, 0), 1);
    assert.equal(weightShare(Number.POSITIVE_INFINITY, 30_000), 1);
    assert.equal(untilNextStepMs(0, 0), undefined);
  });

  it('is over when the clock was set back by more than it lasts', () => {
    assert.equal(weightShare(-100, 30_000), weightShare(0, 30_000));
    assert.equal(weightShare(-3_600_000, 30_000), 1);
    assert.equal(untilNextStepMs(-3_600_000, 30_000), undefined);
  });

  it('property: the share grows exactly when it says that it will, and never falls', () => {
    const slowStart = fc.integer({ min: 10, max: 100_000 });
    fc.assert(
      fc.property(slowStart, fc.nat(100_000), (slowStartMs, upForMs) => {
        const share = weightShare(upForMs, slowStartMs);
        assert.ok(share > 0 && share <= 1);
        const ms = untilNextStepMs(upForMs, slowStartMs);
        if (ms === undefined) return assert.equal(share, 1);
        assert.ok(ms > 0);
        assert.equal(weightShare(upForMs + ms / 2, slowStartMs), share);
        assert.ok(weightShare(upForMs + ms + 0.001, slowStartMs) > share);
      }),
    );
  });
});
