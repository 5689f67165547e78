import { readdir, realpath } from 'node:fs/promises';
import { NotAFileError, readRegularFile } from './regular-file.ts';

/** The disk, as far as the reader of configurations has to do with it. */
export interface FileAccess {
  /** @throws Error as of node:fs, and for what is no regular file. */
  read(path: string): Promise<Uint8Array>;
  /** Names of the files in a folder; undefined when the path is no folder. */
  list(path: string): Promise<readonly string[] | undefined>;
  /** The same text for two paths of one file. */
  identity(path: string): Promise<string>;
}

/** Each line costs memory: some millions of them would be the end of the process. */
const mostLines = 500_000;

export const systemFiles: FileAccess = {
  async read(path) {
    const bytes = await readRegularFile(path);
    const lines = countLines(bytes);
    if (lines <= mostLines) return bytes;
    throw new NotAFileError(`it has ${lines} lines, expected at most ${mostLines}`);
  },
  async list(path) {
    try {
      const entries = await readdir(path, { withFileTypes: true });
      return entries.filter((entry) => !entry.isDirectory()).map(({ name }) => name);
    } catch {
      return undefined;
    }
  },
  identity: (path) => realpath(path).catch(() => path),
};

function countLines(bytes: Buffer): number {
  let lines = 1;
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) lines++;
  return lines;
}
