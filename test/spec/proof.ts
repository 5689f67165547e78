/**
 * What ldirectord does or should have done, and the tests that prove that ipvsd does it:
 * `FILE: NAME` of a test, both as they stand in `test/`, with "…" for what is filled in.
 */
export interface Proof {
  readonly about: string;
  readonly tests: readonly string[];
}

export function proof(about: string, ...tests: readonly string[]): Proof {
  return { about, tests };
}
