import { type FileHandle, open, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { NotAFileError, readRegularFile } from '../config/regular-file.ts';
import { CliError } from './cli-error.ts';
import { exitCodes } from './exit-codes.ts';

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
    const temporary = join(dirname(target), `.${basename(target)}.ipvsd-new`);
    const handle = await lock(temporary, target, patienceMs);
    let replaced = false;
    try {
      const bytes = await readRegularFile(target);
      return await use({
        bytes,
        async replace(content) {
          await fill(handle, content, target);
          await refuseChanged(target, bytes);
          await rename(temporary, target);
          replaced = true;
        },
      });
    } finally {
      await handle.close();
      // once it has its new name, a file of the old one is the lock of somebody else
      if (!replaced) await rm(temporary, { force: true });
    }
  });
}

/** The new file is the lock: it is made before the old one is read, by one process at a time. */
async function lock(temporary: string, target: string, patienceMs: number): Promise<FileHandle> {
  for (let waitedMs = 0; ; waitedMs += 50) {
    try {
      return await open(temporary, 'wx', 0o600);
    } catch (error) {
      if (!hasCode(error, 'EEXIST')) throw error;
    }
    if (waitedMs >= patienceMs) {
      const message = `"${target}" is being edited: remove "${temporary}" if that is not so`;
      throw new CliError(message, exitCodes.failure);
    }
    await sleep(50);
  }
}

/** Makes the new file what the old one is, but for its content. */
async function fill(handle: FileHandle, content: Uint8Array, target: string): Promise<void> {
  const { mode, uid, gid } = await stat(target);
  await handle.writeFile(content);
  const own = await handle.stat();
  if (own.uid !== uid || own.gid !== gid) await handle.chown(uid, gid);
  await handle.chmod(mode & 0o7777);
  await handle.sync();
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

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
