import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { systemClock } from '../../src/health/clock.ts';

describe('systemClock', () => {
  it('never runs backwards', () => {
    const before = systemClock.now();
    assert.ok(systemClock.now() >= before);
  });

  it('fires a timer once, not before its time', async () => {
    const startMs = systemClock.now();
    await new Promise<void>((resolve) => {
      systemClock.setTimer(resolve, 20);
    });
    // libuv counts in whole milliseconds of its own, so it may be up to one early.
    assert.ok(systemClock.now() - startMs >= 19);
  });

  it('does not fire a timer that was cancelled', async () => {
    let fired = false;
    const timer = systemClock.setTimer(() => {
      fired = true;
    }, 1);
    timer.cancel();
    timer.cancel();
    await new Promise<void>((resolve) => {
      systemClock.setTimer(resolve, 20);
    });
    assert.equal(fired, false);
  });

  it('does not take a delay of two months for one of a millisecond', async () => {
    let fired = false;
    const timer = systemClock.setTimer(() => {
      fired = true;
    }, 60 * 86_400_000);
    await new Promise<void>((resolve) => {
      systemClock.setTimer(resolve, 20);
    });
    timer.cancel();
    assert.equal(fired, false);
  });
});
