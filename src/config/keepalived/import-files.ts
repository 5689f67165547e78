import { accessSync, constants, readdirSync, readFileSync, statSync } from 'node:fs';

/** The disk, as far as the reader of keepalived.conf has to do with it. */
export interface ImportFiles {
  /** @throws Error as of node:fs. */
  read(path: string): Buffer;
  /** keepalived never reads a file that somebody may execute. */
  kind(path: string): 'file' | 'executable' | 'unreadable' | 'other' | 'missing';
  /** Names in a folder; none when it is no folder. */
  names(folder: string): readonly string[];
}

export const systemImportFiles: ImportFiles = {
  read: (path) => readFileSync(path),
  kind(path) {
    try {
      const stats = statSync(path, { throwIfNoEntry: false });
      if (stats === undefined) return 'missing';
      if (!stats.isFile()) return 'other';
      if ((stats.mode & 0o111) !== 0) return 'executable';
      accessSync(path, constants.R_OK);
      return 'file';
    } catch {
      return 'unreadable';
    }
  },
  names(folder) {
    try {
      return readdirSync(folder);
    } catch {
      return [];
    }
  },
};
