import type { ValueType } from './values/value-type.ts';

/** Where a directive may stand: before and between sections, in a section, or in both places. */
export type Scope = 'global' | 'virtual' | 'both';

/** What the program knows about one directive of the file. */
export interface Directive<T> {
  readonly scope: Scope;
  readonly type: ValueType<T>;
  readonly default?: T;
  /** How the manual prints the default, where `String(default)` would not do. */
  readonly defaultText?: string;
  /** Each line adds one more; of other directives the last line counts. */
  readonly repeats?: boolean;
  /** May stand without "=" and value. */
  readonly bare?: boolean;
  /** Opens a section. */
  readonly opensSection?: boolean;
  /** Deeper lines below are its parameters. */
  readonly opensBlock?: boolean;
  /** Below the line of a server, and deeper, it is about that server alone. */
  readonly ofServer?: boolean;
  /** No longer understood: the error that takes its place. */
  readonly removed?: string;
  /** Still understood: the warning that goes with it. */
  readonly deprecated?: string;
  /** Not known to ldirectord. */
  readonly own?: boolean;
  /** What else ldirectord makes of it, as a sentence or two. */
  readonly difference?: string;
  /** One sentence for the manual, `explain` and diagnostics. */
  readonly sentence: string;
}

export type DirectiveWithDefault<T> = Directive<T> & { readonly default: T };
