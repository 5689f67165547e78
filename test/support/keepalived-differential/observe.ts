import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { CheckStatus } from '../../../src/status/snapshot.ts';
import { snapshot } from '../differential/replacement.ts';
import { type RecordedTable, readTable } from '../differential/table.ts';
import { glance, type Running } from './programs.ts';

const SETTLE_TIMEOUT_MS = 240_000;
/** What should not change is watched at least so long. */
const WATCH_MS = 5_000;
/** Longer than the slowest of the files takes from one change to the next. */
const STEADY_MS = 25_000;
const POLL_MS = 300;

/** A program and the table that it is to come to. */
export interface Awaited {
  readonly running: Running;
  readonly expected: RecordedTable;
}

/**
 * Watches tables until all are as expected at the same time, and every ipvsd has checked its servers
 * since; or until the time is over.
 *
 * @returns the tables as they are then, in the order of the programs.
 */
export async function settledTables(
  awaited: readonly Awaited[],
  sinceMs: number,
): Promise<readonly RecordedTable[]> {
  const tables = new Tables();
  for (;;) {
    await sleep(POLL_MS);
    const ageMs = Date.now() - sinceMs;
    const now = await tables.readAll(awaited.map(({ running }) => running));
    const odd = awaited.filter(({ expected }, index) => !isAs(now[index], expected));
    if (ageMs > SETTLE_TIMEOUT_MS) {
      for (const { running } of odd) console.error(`settled otherwise: ${running.daemon.output()}`);
      return now;
    }
    if (ageMs < WATCH_MS || odd.length > 0) continue;
    const checked = await Promise.all(awaited.map(({ running }) => isChecked(running, sinceMs)));
    if (checked.every(Boolean)) return now;
  }
}

/** Whatever else stands in what is expected. */
function isAs(table: RecordedTable | undefined, { saved, thresholds }: RecordedTable): boolean {
  return isDeepStrictEqual(table, { saved, thresholds });
}

/** Watches tables until none has changed for a while. */
export async function steadyTables(
  programs: readonly Running[],
): Promise<readonly RecordedTable[]> {
  let seen: readonly string[] = [];
  let sinceMs = Date.now();
  while (Date.now() - sinceMs < STEADY_MS) {
    await sleep(POLL_MS);
    const now = programs.map(glance);
    if (!isDeepStrictEqual(now, seen)) sinceMs = Date.now();
    seen = now;
  }
  return new Tables().readAll(programs);
}

/** Reads a table only when it has changed since: that takes four processes. */
class Tables {
  readonly #known = new Map<Running, { readonly seen: string; readonly table: RecordedTable }>();

  async readAll(programs: readonly Running[]): Promise<readonly RecordedTable[]> {
    const tables: RecordedTable[] = [];
    for (const running of programs) tables.push(await this.#read(running));
    return tables;
  }

  async #read(running: Running): Promise<RecordedTable> {
    const seen = glance(running);
    const known = this.#known.get(running);
    if (known?.seen === seen) return known.table;
    const table = await readTable(running.host);
    this.#known.set(running, { seen, table });
    return table;
  }
}

/** Whether every check that comes again and again was made since. */
async function isChecked({ socketPath }: Running, sinceMs: number): Promise<boolean> {
  if (socketPath === undefined) return true;
  const { virtuals } = await snapshot(socketPath);
  return virtuals
    .flatMap(({ reals }) => reals)
    .flatMap((real): readonly Pick<CheckStatus, 'check' | 'lastCheck'>[] => real.checks ?? [real])
    .filter(({ check }) => !/^(?:on|off|file)\b/.test(check))
    .every(
      ({ lastCheck }) =>
        lastCheck !== undefined && Date.parse(lastCheck.at) - lastCheck.durationMs > sinceMs,
    );
}
