import { checkKeywords } from './check-keywords.ts';
import {
  foreignGlobal,
  globalKeywords,
  rootKeywords,
  sslKeywords,
  trackFileKeywords,
} from './global-keywords.ts';
import type { BlockName, Keyword } from './keyword.ts';
import { stays } from './keyword-rows.ts';
import { anything } from './parameters.ts';
import { realKeywords, virtualKeywords } from './virtual-keywords.ts';

/** Every keyword of keepalived.conf that a converter meets, block by block. */
export const keywords: Readonly<Record<BlockName, readonly Keyword[]>> = {
  root: rootKeywords,
  global_defs: globalKeywords,
  SSL: sslKeywords,
  track_file: trackFileKeywords,
  virtual_server: virtualKeywords,
  real_server: realKeywords,
  ...checkKeywords,
};

/** @returns undefined for a word that the block does not know. */
export function findKeyword(block: BlockName, name: string): Keyword | undefined {
  const found = keywords[block].find((keyword) => keyword.name === name);
  if (found !== undefined) return found;
  return block === 'global_defs' && foreignGlobal.test(name) ? stays(name, anything) : undefined;
}
