import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { keepalivedFixturePath } from '../keepalived-fixtures.ts';
import { adapted } from './adapt.ts';
import { type KeepalivedCase, type KeepalivedGroup, type RecordedStep, steps } from './cases.ts';

/** What keepalived made of a file. */
export interface Recording {
  /** Version of the package. */
  readonly keepalived: string;
  /** Day of the recording. */
  readonly recorded: string;
  /** Of the file as it was run, and of the steps: a recording of anything else says nothing. */
  readonly digest: string;
  readonly steps: readonly RecordedStep[];
}

/** One file for each file of fixtures/keepalived and way of being down. */
export const recordingFolder = fileURLToPath(
  new URL('../../../../fixtures/keepalived/tables/', import.meta.url),
);

export function recordingFiles(): readonly string[] {
  return readdirSync(recordingFolder);
}

export function recordingFile({ name }: KeepalivedCase, how: KeepalivedGroup['how']): string {
  return how === 'refusing' ? `${name}.json` : `${name}.${how}.json`;
}

/** @throws Error that tells how to make it, when there is none of this case as it is now. */
export function readRecording(theCase: KeepalivedCase, how: KeepalivedGroup['how']): Recording {
  const path = join(recordingFolder, recordingFile(theCase, how));
  const found: Recording | undefined = existsSync(path)
    ? JSON.parse(readFileSync(path, 'utf8'))
    : undefined;
  if (found?.digest !== digestOf(theCase)) {
    throw new Error(
      `${theCase.name}: expected a recording of it as it is now, record it with RECORD_KEEPALIVED=${theCase.name}`,
    );
  }
  return found;
}

export function writeRecording(
  theCase: KeepalivedCase,
  how: KeepalivedGroup['how'],
  recording: Recording,
): void {
  const path = join(recordingFolder, recordingFile(theCase, how));
  writeFileSync(path, `${JSON.stringify(recording, undefined, 2)}\n`);
}

/** Whether RECORD_KEEPALIVED, which is "all" or names with commas, asks for a case. */
export function isToBeRecorded({ name }: KeepalivedCase): boolean {
  const { RECORD_KEEPALIVED: wish } = process.env;
  return wish !== undefined && (wish === 'all' || wish.split(',').includes(name));
}

/** Changes when the steps do, the file, or what is done to it before it is run. */
export function digestOf({ name, addresses = [] }: KeepalivedCase): string {
  const anywhere = { ipv4: 'IPV4', ipv6: 'IPV6', namespace: 'NAMESPACE' };
  const text = adapted(readFileSync(keepalivedFixturePath(`${name}.conf`), 'utf8'), anywhere);
  const hash = createHash('sha256').update(JSON.stringify([steps, addresses]));
  return hash.update(text).digest('hex').slice(0, 16);
}
