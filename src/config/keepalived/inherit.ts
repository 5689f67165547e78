import type { Statement } from './tree.ts';
import { readBool, readTimer } from './values.ts';

/** Blocks from the innermost to the outermost; what an inner one says counts. */
export type Chain = readonly (readonly Statement[])[];

/** The last statement of these names in the first block that has one. */
export function inherited(chain: Chain, ...names: readonly string[]): Statement | undefined {
  for (const block of chain) {
    const found = block.findLast(({ keyword }) => names.includes(keyword));
    if (found !== undefined) return found;
  }
  return undefined;
}

export function wordOf(chain: Chain, ...names: readonly string[]): string | undefined {
  return inherited(chain, ...names)?.words[0];
}

export function numberOf(chain: Chain, ...names: readonly string[]): number | undefined {
  const word = wordOf(chain, ...names);
  return word === undefined ? undefined : Number(word);
}

/** Microseconds. */
export function timerOf(chain: Chain, name: string): number | undefined {
  const word = wordOf(chain, name);
  return word === undefined ? undefined : readTimer(word);
}

/** A bare keyword means yes. */
export function boolOf(chain: Chain, name: string): boolean | undefined {
  const found = inherited(chain, name);
  return found && (found.words[0] === undefined || readBool(found.words[0]) === true);
}
