import { basename, dirname, isAbsolute, join } from 'node:path';
import type { FileAccess } from '../files.ts';

/** What an `include` line stands for at this moment. */
export interface IncludedPaths {
  readonly paths: readonly string[];
  /** The folder whose content decided that; absent when a single file is named. */
  readonly folder?: string;
}

const wildcard = /[*?[]/;

/**
 * Resolves the value of `include`: a file, a folder (its `*.cf`), or a pattern with `*`, `?` and
 * `[...]` in the last part. Names are sorted by their characters; hidden files stay out, and of a
 * folder or pattern nothing has to be there.
 *
 * @param from - the file that the line stands in; a relative path counts from its folder.
 * @returns the paths, or what is wrong with the value.
 */
export async function includedPaths(
  value: string,
  from: string,
  files: FileAccess,
): Promise<IncludedPaths | string> {
  const path = isAbsolute(value) ? value : join(dirname(from), value);
  if (wildcard.test(dirname(value))) {
    return `expected wildcards in the last part of the path only, got "${value}"`;
  }
  if (!wildcard.test(basename(value))) {
    const names = await files.list(path);
    return names === undefined ? { paths: [path] } : matching(path, names, '*.cf');
  }
  const folder = dirname(path);
  const names = await files.list(folder);
  if (names === undefined) return `expected a folder "${folder}", found none`;
  return matching(folder, names, basename(path));
}

function matching(folder: string, names: readonly string[], pattern: string): IncludedPaths {
  const expression = patternExpression(pattern);
  const found = names.filter((name) => !name.startsWith('.') && expression.test(name));
  return { folder, paths: found.toSorted().map((name) => join(folder, name)) };
}

/** glob(7) for one name: an unclosed bracket stands for itself. */
export function patternExpression(pattern: string): RegExp {
  const source = pattern.replace(/\[[!^]?\]?[^\]]*\]|[\s\S]/g, (token) => {
    if (token === '*') return '.*';
    if (token === '?') return '.';
    if (token.length === 1) return token.replace(/[$()*+./?[\\\]^{|}-]/, '\\$&');
    const [, not, members = ''] = /^\[([!^]?)([\s\S]*)\]$/.exec(token) ?? [];
    return `[${not === '' ? '' : '^'}${members.replace(/[\\\]^[]/g, '\\$&')}]`;
  });
  try {
    return new RegExp(`^${source}$`, 's');
  } catch {
    // a reversed span such as [z-a] matches nothing
    return /^(?!)/;
  }
}
