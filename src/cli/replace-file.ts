import { closeSync, rmSync } from 'node:fs';
import { open, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { NotAFileError, readRegularFile } from '../config/regular-file.ts';
import { claimFile, pidIn } from '../daemon/claim-file.ts';
import { CliError } from './cli-error.ts';
import { exitCodes } from './exit-codes.ts';
import { isAlive } from './signal.ts';

/** A file that nobody else edits through ipvsd meanwhile. */
export interface LockedFile {
  readonly bytes: Buffer;
  /**
   * Puts new content in the place of the old in one step; mode and owner stay.
   *
   * @throws CliError when the file was changed by somebody else since it was read.
   */
  replace(content: Uint8Array): Promise<void>;
}

/**
 * Lends a file to `use`, read and locked. A link is followed: what it points to is replaced. The
 * lock is a hidden file beside it, which ends with `use`.
 *
 * @param patienceMs how long another edit of the file is waited for.
 * @throws CliError when the file cannot be read, locked or replaced.
 */
export async function withFile<T>(
  path: string,
  use: (file: LockedFile) => Promise<T>,
  patienceMs = 5000,
): Promise<T> {
  return orFail(path, async () => {
    const target = await realpath(path);
    const hidden = join(dirname(target), `.${basename(target)}`);
    const temporary = `${hidden}.ipvsd-new`;
    const unlock = await lock(`${hidden}.ipvsd-lock`, target, patienceMs);
    try {
      const bytes = await readRegularFile(target);
      return await use({
        bytes,
        async replace(content) {
          await fill(temporary, content, target);
          await refuseChanged(target, bytes);
          await rename(temporary, target);
        },
      });
    } finally {
      await rm(temporary, { force: true });
      unlock();
    }
  });
}

/** Locks of this process; its number alone may be that of an edit that was killed. */
const held = new Set<string>();

/** @returns ends the lock. */
async function lock(path: string, target: string, patienceMs: number): Promise<() => void> {
  const isHeld = (pid: number) => (pid === process.pid ? held.has(path) : isAlive(pid));
  let descriptor = claimFile(path, isHeld);
  for (let waitedMs = 0; descriptor === undefined; waitedMs += 50) {
    if (waitedMs >= patienceMs) {
      const message = `"${target}" is being edited by pid ${pidIn(path)}: remove "${path}" if that is not so`;
      throw new CliError(message, exitCodes.failure);
    }
    await sleep(50);
    descriptor = claimFile(path, isHeld);
  }
  closeSync(descriptor);
  held.add(path);
  return () => {
    held.delete(path);
    rmSync(path, { force: true });
  };
}

/** Makes the new file what the old one is, but for its content. */
async function fill(temporary: string, content: Uint8Array, target: string): Promise<void> {
  const { mode, uid, gid } = await stat(target);
  // an edit that was killed may have left one, of whatever mode
  await rm(temporary, { force: true });
  const handle = await open(temporary, 'wx', 0o600);
  try {
    await handle.writeFile(content);
    const own = await handle.stat();
    if (own.uid !== uid || own.gid !== gid) await handle.chown(uid, gid);
    await handle.chmod(mode & 0o7777);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Editors know nothing of our lock. */
async function refuseChanged(target: string, before: Buffer): Promise<void> {
  if (before.equals(await readRegularFile(target))) return;
  const message = `"${target}" was changed by somebody else meanwhile, nothing is written`;
  throw new CliError(message, exitCodes.failure);
}

async function orFail<T>(path: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof NotAFileError || (error instanceof Error && 'syscall' in error)) {
      throw new CliError(`"${path}" cannot be edited: ${error.message}`, exitCodes.failure);
    }
    throw error;
  }
}
