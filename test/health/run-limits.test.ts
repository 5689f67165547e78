import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { runLimits } from '../../src/health/run-limits.ts';

describe('runLimits', () => {
  it('leaves room for all but checks', () => {
    for (const openFiles of [300, 1024, 4096, 1_048_576]) {
      const { own, commands } = runLimits(openFiles);
      assert.ok(2 * (own + commands) <= openFiles - 128, `${openFiles}: ${own} + ${commands}`);
      assert.ok(own > commands);
    }
    assert.deepEqual(runLimits(1024), { own: 336, commands: 112 });
  });

  it('goes on with a few where there is hardly room, and bounds commands anyway', () => {
    assert.deepEqual(runLimits(64), { own: 8, commands: 8 });
    assert.deepEqual(runLimits(Number.POSITIVE_INFINITY), {
      own: Number.POSITIVE_INFINITY,
      commands: 200,
    });
  });
});
