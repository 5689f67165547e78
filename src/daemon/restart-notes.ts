import { isDeepStrictEqual } from 'node:util';
import type { Config } from '../config/model.ts';
import type { Settings } from '../config/settings.ts';
import { messageOf } from '../config/system-error.ts';

/** What a daemon was started with and keeps until its end. */
export interface StartedWith {
  /** Absent when the file's `logfile` is not what it logs to. */
  readonly logfile: string | undefined;
  readonly settings: Settings;
  /** Reads ipvsd.ini again. */
  readonly loadSettings: () => Settings;
}

/**
 * What has changed on disk and a reload does not put in force.
 *
 * @returns one line each.
 */
export function restartNotes(started: StartedWith, { logfile }: Config): readonly string[] {
  const notes: string[] = [];
  if (started.logfile !== undefined && started.logfile !== logfile) {
    notes.push(`logfile has changed, comes into force at a restart: ${logfile}`);
  }
  try {
    if (!isDeepStrictEqual(started.settings, started.loadSettings())) {
      notes.push('ipvsd.ini has changed, comes into force at a restart');
    }
  } catch (error) {
    notes.push(`ipvsd.ini has changed, and a restart would refuse it: ${messageOf(error)}`);
  }
  return notes;
}
