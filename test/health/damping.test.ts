import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { afterFailure, type DampingState, isHeld, undamped } from '../../src/health/damping.ts';

const limits = { minMs: 1000, maxMs: 8000 };

describe('damping', () => {
  it('holds a server twice as long with each failure that follows soon, up to the limit', () => {
    let state: DampingState = undamped;
    const holds = [1, 2, 3, 4, 5, 6].map((failure) => {
      state = afterFailure(state, limits, failure * 100_000, 500);
      return state.holdMs;
    });
    assert.deepEqual(holds, [1000, 2000, 4000, 8000, 8000, 8000]);
  });

  it('takes a server that stayed up for as long as the limit for sound again', () => {
    const flapping = afterFailure(undamped, limits, 0, 0);
    assert.equal(afterFailure(flapping, limits, 50_000, 7999).holdMs, 2000);
    assert.equal(afterFailure(flapping, limits, 50_000, 8000).holdMs, 1000);
  });

  it('holds from the failure on, and no longer than it says', () => {
    const state = afterFailure(undamped, limits, 5000, 0);
    assert.deepEqual(
      [4999, 5000, 5999, 6000].map((nowMs) => isHeld(state, nowMs)),
      [true, true, true, false],
    );
    assert.equal(isHeld(undamped, 0), false);
  });

  it('ends when the clock was set back by more than it lasts', () => {
    const state = afterFailure(undamped, limits, 100_000, 0);
    assert.equal(isHeld(state, 99_500), true);
    assert.equal(isHeld(state, 50_000), false);
  });

  it('property: every hold lies between its limits', () => {
    const failures = fc.array(fc.nat(20_000), { maxLength: 50 });
    fc.assert(
      fc.property(
        failures,
        fc.integer({ min: 1, max: 5000 }),
        fc.nat(50_000),
        (ups, minMs, more) => {
          const damping = { minMs, maxMs: minMs + more };
          let [state, nowMs] = [undamped, 0];
          for (const upMs of ups) {
            nowMs += upMs;
            state = afterFailure(state, damping, nowMs, upMs);
            assert.ok(state.holdMs >= damping.minMs && state.holdMs <= damping.maxMs);
            assert.equal(state.heldUntilMs, nowMs + state.holdMs);
            nowMs = state.heldUntilMs;
          }
        },
      ),
    );
  });
});
