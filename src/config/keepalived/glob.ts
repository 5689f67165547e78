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

/** Nobody writes more with braces on purpose. */
const maxAlternatives = 4096;

/**
 * glob(3) with GLOB_BRACE: `{a,b}` alternatives, `*`, `?` and `[...]` in every part of the path.
 *
 * @param folder - what a relative pattern counts from.
 * @returns undefined for a pattern with more than 4096 alternatives.
 */
export function glob(
  pattern: string,
  folder: string,
  files: ImportFiles,
): readonly GlobMatch[] | undefined {
  return alternatives(pattern)?.map((one) => {
    const path = isAbsolute(one) ? one : join(folder, one);
    const wildcard = wildcards.test(one);
    return { pattern: one, wildcard, paths: wildcard ? matches(path, files) : [path] };
  });
}

/**
 * `a{b,c{d,e}}` to `ab`, `acd`, `ace`; a brace without its partner is an ordinary character.
 *
 * @returns undefined when there are too many.
 */
function alternatives(pattern: string): readonly string[] | undefined {
  let texts = [pattern];
  // each has the same pairs: the last innermost one is written out in all of them, until none is left
  while (texts.some((text) => innermostPair.test(text))) {
    texts = [...new Set(texts.flatMap(withoutInnermostPair))];
    if (texts.length > maxAlternatives) return undefined;
  }
  return texts;
}

const innermostPair = /^(.*)\{([^{}]*)\}(.*)$/s;

function withoutInnermostPair(text: string): readonly string[] {
  const [, head = '', inner, tail = ''] = innermostPair.exec(text) ?? [];
  if (inner === undefined) return [text];
  return inner.split(',').map((part) => `${head}${part}${tail}`);
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
