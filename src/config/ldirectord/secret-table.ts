import type { FileAccess } from '../files.ts';
import { systemErrorText } from '../system-error.ts';
import { decode } from './encoding.ts';

export type SecretText =
  | { readonly kind: 'read'; readonly text: string }
  | { readonly kind: 'unreadable'; readonly reason: string };

/**
 * The files that passwdfile and secretfile name. Asked for in one pass, read by `fill()`, there in
 * the next.
 */
export interface SecretTable {
  /** The first line of a file; empty as long as the file is still to be read. */
  read(path: string): SecretText;
  /** @returns whether anything new was read. */
  fill(): Promise<boolean>;
}

export function secretTable(files: FileAccess): SecretTable {
  const known = new Map<string, SecretText>();
  const wanted = new Set<string>();
  return {
    read(path) {
      const found = known.get(path);
      if (found !== undefined) return found;
      wanted.add(path);
      return { kind: 'read', text: '' };
    },
    async fill() {
      const paths = [...wanted];
      wanted.clear();
      await Promise.all(paths.map(async (path) => known.set(path, await firstLine(path, files))));
      return paths.length > 0;
    },
  };
}

async function firstLine(path: string, files: FileAccess): Promise<SecretText> {
  try {
    const { text } = decode(await files.read(path));
    const [line = ''] = text.split(/\r?\n/, 1);
    if (line === '') return { kind: 'unreadable', reason: 'its first line is empty' };
    return { kind: 'read', text: line };
  } catch (error) {
    return { kind: 'unreadable', reason: systemErrorText(error) };
  }
}
