import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { runCommand } from '../topology/host.ts';
import type { DifferentialCase } from './differential-case.ts';
import { originalPlayer } from './original.ts';
import { createPlace, type Place } from './place.ts';
import { layOutPrograms, type Played, play } from './play.ts';
import {
  digestOf,
  type Recording,
  readRecording,
  recordingWish,
  writeRecording,
} from './recording.ts';
import { replacementPlayer } from './replacement.ts';

/** Most of the time is spent waiting for checks, so several cases at once take hardly longer. */
const PLACES = 3;

/**
 * A test for each case: ipvsd makes of it what ldirectord has made of it. Cases that are to be
 * recorded anew are first played by ldirectord, in the same kernel.
 */
export function describeCases(what: string, cases: readonly DifferentialCase[]): void {
  describe(what, { concurrency: PLACES }, () => {
    const free: Place[] = [];
    const places: Place[] = [];
    before(async () => {
      layOutPrograms();
      for (let i = 0; i < Math.min(PLACES, cases.length); i += 1) places.push(await createPlace());
      free.push(...places);
    });
    after(() => Promise.all(places.map((place) => place.teardown())));

    for (const theCase of cases) {
      const wish = recordingWish(theCase);
      it(theCase.name, { skip: wish === 'others' && 'others are recorded' }, async () => {
        const place = free.pop();
        assert.ok(place, 'as many places as tests at once');
        try {
          if (wish === 'this') await record(place, theCase);
          await compare(place, theCase);
        } finally {
          free.push(place);
        }
      });
    }
  });
}

async function compare(place: Place, theCase: DifferentialCase): Promise<void> {
  const recording = readRecording(theCase);
  const { tables, left } = await play(place, theCase, replacementPlayer(place, recording));
  const found = named(theCase, { tables, left });
  const { steps, left: theirLeft } = recording;
  assert.deepEqual(found, { steps, left: theirLeft });
}

async function record(place: Place, theCase: DifferentialCase): Promise<void> {
  const played = await play(place, theCase, originalPlayer(place));
  writeRecording(theCase, {
    ldirectord: await packageVersion(),
    recorded: new Date().toISOString().slice(0, 10),
    digest: digestOf(theCase),
    ...named(theCase, played),
  });
}

function named(
  { steps }: DifferentialCase,
  { tables, left }: Played,
): Pick<Recording, 'steps' | 'left'> {
  return {
    steps: steps.map(({ name }, index) => ({
      step: name,
      saved: tables[index]?.saved ?? [],
      thresholds: tables[index]?.thresholds ?? [],
    })),
    left,
  };
}

async function packageVersion(): Promise<string> {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg-query's own form
  const { stdout } = await runCommand(['dpkg-query', '-W', '-f', '${Version}', 'ldirectord'], {});
  return stdout;
}
