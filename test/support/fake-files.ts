import { basename, dirname } from 'node:path';
import type { FileAccess } from '../../src/config/files.ts';

/** A disk that holds these texts by path; `links` gives further paths to them. */
export function fakeFiles(
  texts: Readonly<Record<string, string>>,
  links: Readonly<Record<string, string>> = {},
): FileAccess {
  return {
    read(path) {
      const text = texts[links[path] ?? path];
      if (text !== undefined) return Promise.resolve(Buffer.from(text));
      return Promise.reject(new Error(`ENOENT: no such file or directory, open '${path}'`));
    },
    list(path) {
      const paths = [...Object.keys(texts), ...Object.keys(links)];
      const names = paths.filter((file) => dirname(file) === path).map((file) => basename(file));
      return Promise.resolve(names.length > 0 ? names : undefined);
    },
    identity: (path) => Promise.resolve(links[path] ?? path),
  };
}
