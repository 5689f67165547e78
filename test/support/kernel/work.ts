import { appendFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { FileResult } from '../runner/run-file.ts';

/**
 * The list of files that one or more machines work through, kept in a directory that the host and
 * all machines see. Each takes the next file that nobody has taken: making a directory is the one
 * thing that only one of them can succeed at.
 */
export interface WorkItem {
  readonly name: string;
  readonly path: string;
}

export interface Work {
  readonly items: readonly WorkItem[];
  readonly fileTimeoutMs: number;
  /** Show the output as it comes; for a run of one file. */
  readonly live: boolean;
}

/** Writes the list into an empty directory. */
export function writeWork(directory: string, work: Work): void {
  writeFileSync(path.join(directory, 'work.json'), JSON.stringify(work));
}

/** Reads what `writeWork` wrote. */
export function readWork(directory: string): Work {
  return JSON.parse(readFileSync(path.join(directory, 'work.json'), 'utf8'));
}

/** Takes a file; false when another machine has it already. */
export function claim(directory: string, index: number): boolean {
  try {
    mkdirSync(path.join(directory, `claim-${index}`));
    return true;
  } catch {
    return false;
  }
}

/** Puts down a result. Each machine appends to a file of its own, so no two write to one. */
export function report(directory: string, machine: string, result: FileResult): void {
  appendFileSync(path.join(directory, `results-${machine}.ndjson`), `${JSON.stringify(result)}\n`);
}

/** All results put down so far; a line that is still being written is left for the next call. */
export function readReports(directory: string): readonly FileResult[] {
  return readdirSync(directory)
    .filter((file) => file.startsWith('results-'))
    .sort()
    .flatMap((file) => readFileSync(path.join(directory, file), 'utf8').split('\n').slice(0, -1))
    .map((line) => JSON.parse(line));
}
