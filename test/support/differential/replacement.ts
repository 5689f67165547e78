import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { namedInstance } from '../../../src/daemon/instance.ts';
import type { RealStatus, Snapshot } from '../../../src/status/snapshot.ts';
import { program } from '../ipvsd.ts';
import type { HostProcess } from '../topology/host-process.ts';
import type { Place } from './place.ts';
import type { Player } from './play.ts';
import type { Recording } from './recording.ts';
import { readTable } from './table.ts';

const START_TIMEOUT_MS = 60_000;
const SETTLE_TIMEOUT_MS = 90_000;
/** Every look takes processor time from all others in the slow kernel. */
const POLL_MS = 400;

/** ipvsd, which is given time until its table is the recorded one and all servers were checked. */
export function replacementPlayer({ director }: Place, recording: Recording): Player {
  let socketPath = '';
  let running: HostProcess | undefined;
  return {
    start: async (configPath) => {
      ({ socketPath } = namedInstance(configPath));
      const daemon = director.spawn([process.execPath, program, 'run', configPath]);
      await daemon.waitForOutput(/Serving \d+ virtual servers/, START_TIMEOUT_MS);
      running = daemon;
      return daemon;
    },
    settled: async (_step, index, sinceMs) => {
      const { saved = [], thresholds = [] } = recording.steps[index] ?? {};
      const deadline = performance.now() + SETTLE_TIMEOUT_MS;
      for (;;) {
        await sleep(POLL_MS);
        const isOver = performance.now() > deadline;
        if (!isOver && !(await isChecked(socketPath, sinceMs))) continue;
        const table = await readTable(director);
        if (isDeepStrictEqual(table, { saved, thresholds })) return table;
        if (isOver) {
          console.error(`ipvsd has settled otherwise, it said:\n${running?.output()}`);
          return table;
        }
      }
    },
    left: async () => (await readTable(director)).saved,
  };
}

/** Whether every server that is checked at all had a check that began after a moment. */
async function isChecked(socketPath: string, sinceMs: number): Promise<boolean> {
  // on a busy machine it may not get round to an answer
  const found = await snapshot(socketPath).catch(() => undefined);
  return (
    found?.virtuals
      .flatMap(({ reals }) => reals)
      .every((real) => isNeverChecked(real) || beganMs(real) > sinceMs) ?? false
  );
}

function beganMs({ lastCheck }: RealStatus): number {
  return lastCheck === undefined ? 0 : Date.parse(lastCheck.at) - lastCheck.durationMs;
}

function isNeverChecked({ check, order }: RealStatus): boolean {
  return order !== undefined || check === 'on' || check === 'off';
}

/** What `ipvsd status --json` says; the program itself takes a second to start in the slow kernel. */
export async function snapshot(socketPath: string): Promise<Snapshot> {
  const response = await new Promise<NodeJS.ReadableStream>((resolve, reject) => {
    request({ socketPath, path: '/v1/status', agent: false }, resolve).on('error', reject).end();
  });
  return JSON.parse(await text(response));
}
