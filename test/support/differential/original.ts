import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { HostProcess } from '../topology/host-process.ts';
import type { Step } from './differential-case.ts';
import type { Place } from './place.ts';
import type { Player } from './play.ts';
import { readTable } from './table.ts';

/** Perl, one check after the other and three processes for each change take their time. */
const SETTLE_TIMEOUT_MS = 180_000;
/** It makes about two changes a second in the slow kernel, one after the other. */
const STEADY_MS = 5_000;
/** Where it checks nothing, or has not come so far yet. */
const LONG_STEADY_MS = 15_000;
const POLL_MS = 250;

/** Debian's ldirectord, which is watched by its debug log. */
export function originalPlayer({ director }: Place): Player {
  let daemon: HostProcess | undefined;
  const printed = (): string => daemon?.output() ?? '';
  let seen = 0;
  return {
    start: async (configPath) => {
      daemon = director.spawn(['ldirectord', '-d', configPath, 'start']);
      await daemon.waitForOutput(/Starting Linux Director/, SETTLE_TIMEOUT_MS);
      return daemon;
    },
    settled: async (step) => {
      const from = seen;
      const deadline = performance.now() + SETTLE_TIMEOUT_MS;
      let table = await readTable(director);
      let steadySince = performance.now();
      for (;;) {
        await sleep(POLL_MS);
        const now = await readTable(director);
        if (!isDeepStrictEqual(now, table)) steadySince = performance.now();
        table = now;
        const steadyMs = performance.now() - steadySince;
        const log = printed().slice(from);
        const enoughMs = log.includes('DEBUG2: Checking ') ? STEADY_MS : LONG_STEADY_MS;
        if (steadyMs > enoughMs && hasGoneRound(log, step)) break;
        if (performance.now() > deadline) {
          throw new Error(`ldirectord: expected it to settle, it said:\n${printed()}`);
        }
      }
      seen = printed().length;
      return table;
    },
    left: async () => {
      // further instances end when they like
      await sleep(STEADY_MS);
      return (await readTable(director)).saved;
    },
  };
}

/**
 * Whether it made so many rounds of checks: one that begins for the third time has been made twice,
 * and all others between. Equal checks are made once a round.
 */
function hasGoneRound(log: string, { checks = 2 }: Step): boolean {
  const current =
    log.split(/ - reread new configuration|Reloading .* config on signal/).at(-1) ?? '';
  const begun = new Map<string, number>();
  const check = /^DEBUG2: Checking .*: real server=(.*) \(virtual=/gm;
  for (const [, what = ''] of current.matchAll(check)) {
    begun.set(what, (begun.get(what) ?? 0) + 1);
  }
  return begun.size === 0 || Math.max(...begun.values()) > checks;
}
