import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** The log of a daemon in the background: JSON lines in a file. */
export interface LogFile {
  /** All messages so far; [] while there is no file. */
  messages(): readonly string[];
  /** Waits until a message matches. @throws Error with all of them when the time is over. */
  waitFor(pattern: RegExp): Promise<void>;
}

/** Starts of Node in the test kernel take their time. */
const patienceMs = 30_000;

/** @param path may not be there yet. */
export function logFile(path: string): LogFile {
  const messages = (): readonly string[] => {
    if (!existsSync(path)) return [];
    const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1);
    return lines.map((line) => String(JSON.parse(line).msg));
  };
  return {
    messages,
    waitFor: async (pattern) => {
      const deadline = performance.now() + patienceMs;
      while (!messages().some((message) => pattern.test(message))) {
        if (performance.now() > deadline) {
          throw new Error(`log: expected ${pattern}, got\n${messages().join('\n')}`);
        }
        await sleep(50);
      }
    },
  };
}
