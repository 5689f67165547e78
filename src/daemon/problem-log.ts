import type { Logger } from 'pino';
import { operationWords } from '../backend/ipvsadm-words.ts';
import { serviceKey } from '../ipvs-netlink/keys.ts';
import type { OperationOutcome } from '../ipvs-netlink/model.ts';

/** More failed operations than this in one go are counted, not listed. */
const loggedFailures = 20;

/**
 * Logs what the kernel refuses. It refuses the same again in every interval; that is logged when
 * it begins, and again when it changes.
 */
export class ProblemLog {
  readonly #log: Logger;
  /** What the kernel refused the last time. */
  #problems: readonly string[] = [];

  constructor(log: Logger) {
    this.#log = log;
  }

  /** @param outcomes of one whole synchronisation. */
  write(outcomes: readonly OperationOutcome[]): void {
    const problems = problemsOf(outcomes);
    const isNews = problems.join('\n') !== this.#problems.join('\n');
    this.#problems = problems;
    if (!isNews) return;
    for (const problem of problems.slice(0, loggedFailures)) this.#log.error(problem);
    const more = problems.length - loggedFailures;
    if (more > 0) this.#log.error(`${more} more changes of the IPVS table failed`);
  }
}

/**
 * What the kernel refused, one line each; without the servers of a service that could not be added
 * itself.
 */
export function problemsOf(outcomes: readonly OperationOutcome[]): readonly string[] {
  const failed = outcomes.filter(({ error }) => error);
  const missing = new Set(
    failed.flatMap(({ operation }) =>
      operation.kind === 'add-service' ? [serviceKey(operation.service.id)] : [],
    ),
  );
  return failed.flatMap(({ operation, error }) =>
    'destination' in operation && missing.has(serviceKey(operation.service))
      ? []
      : [`ipvsadm ${operationWords(operation).join(' ')}: ${error?.message}`],
  );
}
