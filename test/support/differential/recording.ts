import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { DifferentialCase } from './differential-case.ts';
import type { RecordedTable } from './table.ts';

/** What ldirectord made of a case. */
export interface Recording {
  /** Version of the package. */
  readonly ldirectord: string;
  /** Day of the recording. */
  readonly recorded: string;
  /** Of the case and all its files: a recording of anything else says nothing. */
  readonly digest: string;
  readonly steps: readonly ({ readonly step: string } & RecordedTable)[];
  /** What was in the table after it was stopped. */
  readonly left: readonly string[];
}

/** The files of the differential suite and their recordings. */
export const folder = fileURLToPath(new URL('../../../../fixtures/ldirectord/', import.meta.url));

/** The text of a file of the suite. */
export function fileText(name: string): string {
  return readFileSync(join(folder, name), 'utf8');
}

/** All files of the suite with an extension. */
export function files(extension: string): readonly string[] {
  return readdirSync(folder).filter((file) => file.endsWith(extension));
}

/** Files that a case reads: its own, and those that take its place. */
export function filesOf({ name, steps }: DifferentialCase): readonly string[] {
  return [`${name}.cf`, ...steps.flatMap(({ file }) => (file === undefined ? [] : [file]))];
}

/** Changes when the case or one of its files does. */
export function digestOf(theCase: DifferentialCase): string {
  const hash = createHash('sha256').update(JSON.stringify(theCase));
  for (const file of filesOf(theCase)) hash.update(fileText(file));
  return hash.digest('hex').slice(0, 16);
}

/** @throws Error that tells how to make it, when there is none for this case as it is now. */
export function readRecording(theCase: DifferentialCase): Recording {
  const path = join(folder, `${theCase.name}.json`);
  const found: Recording | undefined = existsSync(path)
    ? JSON.parse(readFileSync(path, 'utf8'))
    : undefined;
  if (found?.digest !== digestOf(theCase)) {
    throw new Error(
      `${theCase.name}: expected a recording of the case as it is now, record it with RECORD_LDIRECTORD=${theCase.name}`,
    );
  }
  return found;
}

export function writeRecording(theCase: DifferentialCase, recording: Recording): void {
  writeFileSync(
    join(folder, `${theCase.name}.json`),
    `${JSON.stringify(recording, undefined, 2)}\n`,
  );
}

/**
 * Whether the case is to be recorded anew: RECORD_LDIRECTORD is "all", or names with commas, and
 * then all others are left out.
 */
export function recordingWish({ name }: DifferentialCase): 'none' | 'this' | 'others' {
  const { RECORD_LDIRECTORD: wish } = process.env;
  if (wish === undefined) return 'none';
  return wish === 'all' || wish.split(',').includes(name) ? 'this' : 'others';
}
