import type { CheckDefinition } from '../config/check-model.ts';

/** What one run of a check found. `reason` is one line, for logs and `ipvsd status`. */
export interface CheckOutcome {
  readonly up: boolean;
  /** `200 OK`, `connection refused`, `no answer within 5000 ms`, ... */
  readonly reason: string;
  /**
   * The question could not be put, as this machine is short of something, or whoever was asked
   * cannot know (an agent that is silent). Says nothing about the server, so its health and weight
   * stay as they are; otherwise one full table of open files here would take every server down.
   */
  readonly inconclusive?: true;
  /** Something to mend soon, although the server is up: `certificate ends in 9 days`. */
  readonly warning?: string;
  /** What an up server's weight is to be; absent: as configured. */
  readonly effect?: WeightEffect;
  /**
   * What the server itself asks for, at once and whatever its health was: `drain` keeps established
   * connections and takes no new ones, `maint` (always with `up: false`) takes it out.
   */
  readonly order?: 'drain' | 'maint';
}

/**
 * How a result changes the weight of its server. It holds until the next result that is not
 * inconclusive, and does not outlive it.
 */
export type WeightEffect =
  /** Instead of the configured weight; beside other effects it counts as `weight - configured`. */
  | { readonly kind: 'weight'; readonly weight: number }
  /** Added to the weight; -2147483647 to 2147483647. */
  | { readonly kind: 'offset'; readonly offset: number }
  /** Of the configured weight, rounded up. */
  | { readonly kind: 'percent'; readonly percent: number };

/** What a check may use besides its definition. */
export interface CheckContext {
  /** Aborted at the hard deadline and at shutdown; a check then gives up its sockets at once. */
  readonly signal: AbortSignal;
}

/**
 * A check: asks one server once. A server that is not well is an outcome, not an exception;
 * a rejected promise counts as down with the error's message as reason.
 */
export type Check<D extends CheckDefinition = CheckDefinition> = (
  definition: D,
  context: CheckContext,
) => Promise<CheckOutcome>;

/** The outcome with a warning, if there is one. */
export function withWarning(outcome: CheckOutcome, warning: string | undefined): CheckOutcome {
  return warning === undefined ? outcome : { ...outcome, warning };
}

/** Equal for two definitions exactly when one run answers for both. */
export function checkKey(definition: CheckDefinition): string {
  return JSON.stringify(definition);
}
