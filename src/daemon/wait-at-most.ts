import type { Clock } from '../health/clock.ts';

/** Resolves when the work is done, or when the time is over; the work goes on then. */
export async function waitAtMost(clock: Clock, ms: number, work: Promise<unknown>): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = clock.setTimer(resolve, ms);
    void work.then(() => {
      timer.cancel();
      resolve();
    });
  });
}
