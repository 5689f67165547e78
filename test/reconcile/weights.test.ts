import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { WeightEffect } from '../../src/checks/check.ts';
import { effectiveWeight, slowedWeight } from '../../src/reconcile/weights.ts';

describe('effectiveWeight', () => {
  const rows: readonly (readonly [number, readonly WeightEffect[], number])[] = [
    [10, [], 10],
    [10, [{ kind: 'offset', offset: 5 }], 15],
    [10, [{ kind: 'offset', offset: -15 }], 0],
    [10, [{ kind: 'weight', weight: 3 }], 3],
    [10, [{ kind: 'percent', percent: 75 }], 8],
    [10, [{ kind: 'percent', percent: 0 }], 0],
    [1, [{ kind: 'percent', percent: 1 }], 1],
    // keepalived adds what each check makes of the weight
    [
      10,
      [
        { kind: 'weight', weight: 3 },
        { kind: 'offset', offset: 4 },
      ],
      7,
    ],
    [10, [{ kind: 'offset', offset: 2_147_483_647 }], 2_147_483_647],
  ];
  for (const [configured, effects, weight] of rows) {
    it(`${configured} with ${JSON.stringify(effects)} is ${weight}`, () => {
      assert.equal(effectiveWeight(configured, { effects }), weight);
    });
  }
});

describe('slowedWeight', () => {
  it('is a share of the weight, never nothing of something', () => {
    assert.equal(slowedWeight(100, {}), 100);
    assert.equal(slowedWeight(100, { share: 0.5 }), 50);
    assert.equal(slowedWeight(1, { share: 0.1 }), 1);
    assert.equal(slowedWeight(0, { share: 0.1 }), 0);
  });
});
