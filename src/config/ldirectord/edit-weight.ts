import { type Edit, EditError, indexOf } from './edit.ts';
import { writtenLine } from './edit-value.ts';
import type { DirectiveLine } from './syntax.ts';

/**
 * Gives the server of a `real` line another weight; the rest of the line stays as it is.
 *
 * @throws EditError when it is no number. Whether it is one that fits, the reader says.
 */
export function setWeight(line: DirectiveLine, weight: string): Edit {
  if (!/^\d+$/.test(weight)) {
    throw new EditError(`weight: expected a whole number, got "${weight}"`);
  }
  const { indent, name, assign, trailing } = line;
  const value = withWeight(line.value, weight);
  const text = writtenLine({ indent, name, assign, value, trailing });
  return { at: indexOf(line), remove: 1, insert: [text] };
}

/** As readRealOptions has it: the weight may stand before or behind the two texts in quotes. */
function withWeight(value: string, weight: string): string {
  const [, target = '', options = ''] = /^(\S*\s*[^\s"]*)(.*)$/s.exec(value) ?? [];
  const [, before = '', texts = '', after = ''] =
    /^([^"]*)("[\s\S]*")?([^"]*)$/.exec(options) ?? [];
  const replaced = (words: string) => words.replace(weightWord, `$<blank>${weight}`);
  if (weightWord.test(before)) return target + replaced(before) + texts + after;
  if (weightWord.test(after)) return target + before + texts + replaced(after);
  return `${target} ${weight}${options}`;
}

const weightWord = /(?<blank>^|[\s,])(?:(?:-w|--weight|weight)\s+)?\d+(?=[\s,]|$)/;
