import { isAbsolute, join } from 'node:path';
import { patternExpression } from '../ldirectord/include.ts';
import type { ImportFiles } from './import-files.ts';

/** What one alternative of an include pattern stands for. */
export interface GlobMatch {
  readonly pattern: string;
  readonly wildcard: boolean;
  /** Sorted; one that is named without wildcards is here even if nothing is there. */
  readonly paths: readonly string[];
}

const wildcards = /[*?[]/;

/**
 * glob(3) with GLOB_BRACE: `{a,b}` alternatives, `*`, `?` and `[...]` in every part of the path.
 *
 * @param folder - what a relative pattern counts from.
 */
export function glob(pattern: string, folder: string, files: ImportFiles): readonly GlobMatch[] {
  return alternatives(pattern).map((one) => {
    const path = isAbsolute(one) ? one : join(folder, one);
    const wildcard = wildcards.test(one);
    return { pattern: one, wildcard, paths: wildcard ? matches(path, files) : [path] };
  });
}

/** `a{b,c{d,e}}` to `ab`, `acd`, `ace`; a brace without its partner is an ordinary character. */
function alternatives(pattern: string): readonly string[] {
  const [, head = '', inner, tail = ''] = /^(.*)\{([^{}]*)\}(.*)$/s.exec(pattern) ?? [];
  if (inner === undefined) return [pattern];
  // the last innermost pair is written out first; the results hold one pair less
  const texts = inner.split(',').map((part) => `${head}${part}${tail}`);
  return [...new Set(texts.flatMap(alternatives))];
}

function matches(path: string, files: ImportFiles): readonly string[] {
  let found = ['/'];
  for (const part of path.split('/').filter((text) => text !== '')) {
    if (!wildcards.test(part)) {
      found = found.map((folder) => join(folder, part));
      continue;
    }
    const expression = patternExpression(part);
    const isHidden = (name: string): boolean => name.startsWith('.') && !part.startsWith('.');
    found = found.flatMap((folder) =>
      files
        .names(folder)
        .filter((name) => !isHidden(name) && expression.test(name))
        .toSorted()
        .map((name) => join(folder, name)),
    );
  }
  return found.filter((one) => files.kind(one) !== 'missing');
}
