import type { CheckDefinition } from '../config/model.ts';

/** What one run of a check found. `reason` is one line, for logs and `ipvsd status`. */
export interface CheckOutcome {
  readonly up: boolean;
  /** `200 OK`, `connection refused`, `no answer within 5000 ms`, ... */
  readonly reason: string;
  /**
   * The question could not be put: this machine is short of something. Says nothing about the
   * server, so its health stays as it is; otherwise one full table of open files here would take
   * every server down at once.
   */
  readonly inconclusive?: true;
  /** Something to mend soon, although the server is up: `certificate ends in 9 days`. */
  readonly warning?: string;
}

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
