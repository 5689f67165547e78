import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 250;

/**
 * Waits until something is so.
 *
 * @param explain told with the error when the time is over: what the engines logged.
 */
export async function waitUntil(
  what: string,
  timeoutMs: number,
  look: () => Promise<boolean> | boolean,
  explain: () => string = () => '',
): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!(await look())) {
    if (performance.now() > deadline) {
      throw new Error(`${what}: expected it within ${timeoutMs} ms\n${explain()}`);
    }
    await sleep(POLL_MS);
  }
}
