import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Looks again and again until something is so.
 *
 * @param what for the message, as a sentence: `each connection goes on`.
 * @param details what else to say when the time is over.
 * @returns how long it took.
 * @throws Error when the time is over.
 */
export async function waitUntil(
  what: string,
  timeoutMs: number,
  look: () => boolean | Promise<boolean>,
  details: () => string | Promise<string> = () => '',
): Promise<number> {
  const begin = performance.now();
  while (!(await look())) {
    if (performance.now() - begin > timeoutMs) {
      throw new Error(`${what}: not within ${timeoutMs} ms\n${await details()}`);
    }
    await sleep(100);
  }
  return Math.round(performance.now() - begin);
}
