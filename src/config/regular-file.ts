import { closeSync, constants, fstatSync, openSync, readFileSync, type Stats } from 'node:fs';
import { open } from 'node:fs/promises';

/** What is larger was not written by hand. */
const mostBytes = 16 * 1024 * 1024;

/** Without O_NONBLOCK the opening of a FIFO waits for a writer, for ever if need be (fifo(7)). */
const flags = constants.O_RDONLY | constants.O_NONBLOCK;

/** What stands at the path is nothing to read a text from. */
export class NotAFileError extends Error {
  override readonly name = 'NotAFileError';
}

/**
 * Reads a file that an operator named, whatever stands at its path.
 *
 * @throws Error as of node:fs; NotAFileError for what is no regular file, or a huge one.
 */
export async function readRegularFile(path: string): Promise<Buffer> {
  const handle = await open(path, flags);
  try {
    refuseOthers(await handle.stat());
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}

/** As `readRegularFile`, where there is nothing else to do meanwhile. */
export function readRegularFileSync(path: string): Buffer {
  const fd = openSync(path, flags);
  try {
    refuseOthers(fstatSync(fd));
    return readFileSync(fd);
  } finally {
    closeSync(fd);
  }
}

function refuseOthers(stats: Stats): void {
  if (!stats.isFile()) throw new NotAFileError(`it is ${kindOf(stats)}, expected a regular file`);
  if (stats.size <= mostBytes) return;
  throw new NotAFileError(`it has ${stats.size} bytes, expected at most ${mostBytes}`);
}

function kindOf(stats: Stats): string {
  if (stats.isDirectory()) return 'a directory';
  if (stats.isFIFO()) return 'a FIFO';
  return 'a device';
}
