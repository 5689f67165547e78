import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import type { RecordedTable } from '../differential/table.ts';
import { runPool } from '../runner/run-pool.ts';
import { runCommand } from '../topology/host.ts';
import { type KeepalivedCase, type KeepalivedGroup, type RecordedStep, steps } from './cases.ts';
import { type Awaited, settledTables, steadyTables } from './observe.ts';
import { createPlace, type Place } from './place.ts';
import { type Running, startIpvsd, startKeepalived } from './programs.ts';
import { digestOf, isToBeRecorded, readRecording, writeRecording } from './recording.ts';

/** Not all at once: there is one processor for all. */
const STARTED_AT_ONCE = 3;

/**
 * All files of a group at once: keepalived on each file, and ipvsd on what it imports of it. After
 * each step keepalived's table is the recorded one, and that of ipvsd is the same. With
 * RECORD_KEEPALIVED no ipvsd runs, and the tables of the cases that it names are recorded.
 */
export function describeGroup(what: string, group: KeepalivedGroup): void {
  const recorded = group.cases.filter(isToBeRecorded);
  if (process.env['RECORD_KEEPALIVED'] !== undefined) {
    const skip = recorded.length === 0 && 'others are recorded';
    it(`recording: ${what}`, { skip }, () => record(recorded, group.how));
    return;
  }
  describe(what, () => {
    let found: ReadonlyMap<KeepalivedCase, Found> = new Map();
    before(async () => {
      found = await play(group);
    });
    for (const theCase of group.cases) {
      const wanted = readRecording(theCase, group.how).steps;
      it(`${theCase.name}: keepalived as recorded`, () => {
        assert.deepEqual(found.get(theCase)?.keepalived, wanted);
      });
      const how = theCase.differs?.why ?? 'the same';
      it(`${theCase.name}: ipvsd: ${how}`, () => {
        assert.deepEqual(found.get(theCase)?.ipvsd, expectedOfIpvsd(theCase, wanted));
      });
    }
  });
}

/** The tables of both programs after each step. */
interface Found {
  readonly keepalived: readonly RecordedStep[];
  readonly ipvsd: readonly RecordedStep[];
}

async function play({ cases, how }: KeepalivedGroup): Promise<ReadonlyMap<KeepalivedCase, Found>> {
  const recordings = cases.map((theCase) => readRecording(theCase, how).steps);
  const ours = cases.map((theCase, index) => expectedOfIpvsd(theCase, recordings[index] ?? []));
  return withPlace(2 * cases.length, how, async (place) => {
    const half = cases.length;
    const second = await startAll(cases, place, half, startIpvsd);
    const running = [...(await startAll(cases, place, 0, startKeepalived)), ...second];
    const found: RecordedStep[][] = running.map(() => []);
    for (const [number, { name, down }] of steps.entries()) {
      await place.bring(down);
      const awaited = [...recordings, ...ours].map((recorded, index): Awaited => {
        const [program, expected] = [running[index], recorded[number]];
        assert.ok(program && expected, `a program and a recording for step "${name}"`);
        return { running: program, expected };
      });
      const tables = await settledTables(awaited, Date.now());
      for (const [index, table] of tables.entries()) found[index]?.push({ step: name, ...table });
    }
    await Promise.all(running.map(({ daemon }) => daemon.stop()));
    return new Map(
      cases.map((theCase, index) => [
        theCase,
        { keepalived: found[index] ?? [], ipvsd: found[half + index] ?? [] },
      ]),
    );
  });
}

/** What ipvsd is to come to. Its thresholds are those of keepalived, or nothing is known of them. */
function expectedOfIpvsd(
  { differs }: KeepalivedCase,
  recorded: readonly RecordedStep[],
): readonly RecordedStep[] {
  if (differs === undefined) return recorded;
  return recorded.map((step) => ({ ...step, ...differs.ours(step) }));
}

async function record(
  cases: readonly KeepalivedCase[],
  how: KeepalivedGroup['how'],
): Promise<void> {
  const { stdout: keepalived } = await runCommand(packageVersion, {});
  const recorded = new Date().toISOString().slice(0, 10);
  await withPlace(cases.length, how, async (place) => {
    const running = await startAll(cases, place, 0, startKeepalived);
    const tables: (readonly RecordedTable[])[] = [];
    for (const { down } of steps) {
      await place.bring(down);
      tables.push(await steadyTables(running));
    }
    for (const [index, theCase] of cases.entries()) {
      const found = steps.map(({ name }, number): RecordedStep => {
        const { saved = [], thresholds = [] } = tables[number]?.[index] ?? {};
        return { step: name, saved, thresholds };
      });
      writeRecording(theCase, how, {
        keepalived,
        recorded,
        digest: digestOf(theCase),
        steps: found,
      });
    }
  });
}

// biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg-query's own form
const packageVersion = ['dpkg-query', '-W', '-f', '${Version}', 'keepalived'];

async function withPlace<T>(
  count: number,
  how: KeepalivedGroup['how'],
  act: (place: Place) => Promise<T>,
): Promise<T> {
  const place = await createPlace(count, how);
  try {
    return await act(place);
  } finally {
    await place.teardown();
  }
}

/** A program on each file, in hosts of their own from the given one on. */
async function startAll(
  cases: readonly KeepalivedCase[],
  place: Place,
  firstHost: number,
  start: typeof startKeepalived,
): Promise<readonly Running[]> {
  const started = new Map<KeepalivedCase, Running>();
  await runPool([...cases.entries()], STARTED_AT_ONCE, async ([index, theCase]) => {
    const host = place.balancers[firstHost + index];
    assert.ok(host, 'a host for each program');
    for (const address of theCase.addresses ?? []) await host.addAddress(address, 'lo');
    started.set(theCase, await start(host, place.lay(theCase.name, host)));
  });
  return cases.flatMap((theCase) => started.get(theCase) ?? []);
}
