import {
  closeSync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { errorCode } from '../checks/reason.ts';

/** After so many that were gone when we looked, others are at it as well. */
const mostAttempts = 3;

/**
 * Makes a file that holds our process number, unless somebody who is still there has one in its
 * place. It is there with its content at once (link(2)), and a file left over is moved away before
 * it is removed, so that of several who claim it in the same moment one has it.
 *
 * @param path in a folder that exists.
 * @param isHeld whether that process is there, and the file its own.
 * @returns a descriptor of it, open for reading; undefined when another process has it.
 * @throws SystemError when the folder cannot be written.
 */
export function claimFile(path: string, isHeld: (pid: number) => boolean): number | undefined {
  const own = `${path}.${process.pid}`;
  rmSync(own, { force: true });
  writeFileSync(own, `${process.pid}\n`, { flag: 'wx', mode: 0o644 });
  // not for writing: that would keep the file system from being made read-only
  const descriptor = openSync(own, 'r');
  let isOurs = false;
  try {
    isOurs = takePlace(own, path, isHeld);
    return isOurs ? descriptor : undefined;
  } finally {
    if (!isOurs) closeSync(descriptor);
    rmSync(own, { force: true });
  }
}

function takePlace(own: string, path: string, isHeld: (pid: number) => boolean): boolean {
  const aside = `${own}.old`;
  for (let attempt = 0; attempt < mostAttempts; attempt++) {
    if (unless('EEXIST', () => linkSync(own, path))) return true;
    if (isHeldFile(path, isHeld)) return false;
    if (!unless('ENOENT', () => renameSync(path, aside))) continue;
    // somebody may have been faster, and this may be a new one
    if (isHeldFile(aside, isHeld)) {
      renameSync(aside, path);
      return false;
    }
    rmSync(aside);
  }
  return false;
}

/** The number that a file holds; undefined when there is no file, or no number in it. */
export function pidIn(path: string): number | undefined {
  let text = '';
  try {
    text = readFileSync(path, 'utf8').trim();
  } catch {
    return undefined;
  }
  return /^\d+$/.test(text) ? Number(text) : undefined;
}

function isHeldFile(path: string, isHeld: (pid: number) => boolean): boolean {
  const pid = pidIn(path);
  return pid !== undefined && isHeld(pid);
}

/** @returns whether it was done; false after that error. */
function unless(code: string, act: () => void): boolean {
  try {
    act();
    return true;
  } catch (error) {
    if (errorCode(error) === code) return false;
    throw error;
  }
}
