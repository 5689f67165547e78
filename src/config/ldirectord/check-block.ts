import type { CheckWord } from './check-words.ts';
import type { Block, DirectiveLine } from './syntax.ts';

/** A check with all lines that say what it is: its own, and those of the definition that it names. */
export interface CheckBlock {
  readonly word: CheckWord;
  /** The name of its definition. */
  readonly definition?: string;
  readonly head: DirectiveLine;
  /** Lines about the check as a whole: its own, then those of the definition. */
  readonly common: readonly (readonly DirectiveLine[])[];
  /** With http and https: a `path` with the lines about it, for each page. */
  readonly urls: readonly (readonly DirectiveLine[])[];
  /** With dialogue: `send` and `expect`, in their order. */
  readonly steps: readonly DirectiveLine[];
}

/** The checks that have a name. */
export type CheckDefinitions = ReadonlyMap<string, NamedCheck>;

export interface NamedCheck {
  readonly block: Block;
  /** Absent after an error. */
  readonly word?: CheckWord;
}
