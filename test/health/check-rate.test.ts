import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { intervalAt, probesAt } from '../../src/health/check-rate.ts';

const probe = { definition: { type: 'on' }, intervalMs: 3000, warmupMs: 7 } as const;
const probes = new Map([['a', probe]]);

describe('probesAt', () => {
  it('runs all of them as ever, a tenth as often, or none', () => {
    assert.deepEqual(probesAt('full', probes), probes);
    assert.deepEqual(probesAt('slow', probes), new Map([['a', { ...probe, intervalMs: 30_000 }]]));
    assert.deepEqual(probesAt('none', probes), new Map());
  });
});

describe('intervalAt', () => {
  it('is the same rate', () => {
    assert.deepEqual([intervalAt('full', 3000), intervalAt('slow', 3000)], [3000, 30_000]);
  });
});
