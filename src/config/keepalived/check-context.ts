import type { Findings } from './finding.ts';
import type { Statement } from './tree.ts';
import type { AddressPort } from './values.ts';

/** What a check is to know besides its own block. */
export interface CheckContext {
  /** The server: its port in the kernel, and the one that its line has (0: none). */
  readonly server: AddressPort & { readonly writtenPort: number };
  readonly real: readonly Statement[];
  readonly virtual: readonly Statement[];
  readonly globals: readonly Statement[];
  /** The SSL block. */
  readonly ssl: readonly Statement[];
  readonly trackFiles: ReadonlyMap<string, readonly Statement[]>;
  readonly findings: Findings;
}
