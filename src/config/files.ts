import { readdir, realpath } from 'node:fs/promises';
import { readRegularFile } from './regular-file.ts';

/** The disk, as far as the reader of configurations has to do with it. */
export interface FileAccess {
  /** @throws Error as of node:fs, and for what is no regular file. */
  read(path: string): Promise<Uint8Array>;
  /** Names of the files in a folder; undefined when the path is no folder. */
  list(path: string): Promise<readonly string[] | undefined>;
  /** The same text for two paths of one file. */
  identity(path: string): Promise<string>;
}

export const systemFiles: FileAccess = {
  read: readRegularFile,
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
