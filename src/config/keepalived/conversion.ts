import type { Findings } from './finding.ts';
import type { Statement } from './tree.ts';

/** What the whole file knows, for those who convert a part of it. */
export interface Conversion {
  /** Content of all global_defs blocks. */
  readonly globals: readonly Statement[];
  /** The SSL block. */
  readonly ssl: readonly Statement[];
  readonly trackFiles: ReadonlyMap<string, readonly Statement[]>;
  readonly groups: ReadonlyMap<string, readonly Statement[]>;
  readonly findings: Findings;
}
