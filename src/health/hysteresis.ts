/** What is believed about one real server of one virtual server. */
export interface HealthState {
  readonly up: boolean;
  /** A check has answered since the server became known. */
  readonly checked: boolean;
  /** Bad checks in a row while up. */
  readonly failures: number;
  /** Good checks in a row while down. */
  readonly successes: number;
}

export interface HysteresisLimits {
  /** Bad checks in a row that take a server down; at least 1. */
  readonly failureCount: number;
  /** Good checks in a row that bring a failed server back; at least 1. */
  readonly rise: number;
}

/**
 * Where a server begins.
 *
 * @param inKernelWithWeight the kernel already sends it traffic: it keeps that until a bad check.
 */
export function initialState(inKernelWithWeight: boolean): HealthState {
  return { up: inKernelWithWeight, checked: false, failures: 0, successes: 0 };
}

/**
 * What to believe after one more result.
 *
 * 1. After any result the server is checked.
 * 2. Good, down, never checked before: up at once; a first good check needs no second one.
 * 3. Good, down, checked before: it has failed, and is up after `rise` good checks in a row.
 * 4. Good, up: earlier failures are forgotten.
 * 5. Bad, up: one more failure; down when there are `failureCount` in a row.
 * 6. Bad, down: earlier good checks are forgotten.
 */
export function step(
  state: HealthState,
  outcomeUp: boolean,
  limits: HysteresisLimits,
): HealthState {
  if (outcomeUp) {
    if (state.up || !state.checked) return settled(true);
    const successes = state.successes + 1;
    return successes >= limits.rise ? settled(true) : { ...settled(false), successes };
  }
  if (!state.up) return settled(false);
  const failures = state.failures + 1;
  return failures >= limits.failureCount ? settled(false) : { ...settled(true), failures };
}

/** What is believed of a server that is known to be up, or down. */
export function settled(up: boolean): HealthState {
  return { up, checked: true, failures: 0, successes: 0 };
}
