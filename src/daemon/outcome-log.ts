import type { Logger } from 'pino';
import { operationWords } from '../backend/ipvsadm-words.ts';
import type { Config, VirtualServer } from '../config/model.ts';
import { destinationKey, serviceKey } from '../ipvs-netlink/keys.ts';
import type { OperationOutcome } from '../ipvs-netlink/model.ts';
import { fallbackDestination } from '../reconcile/desired.ts';
import { changeText } from './change-text.ts';

/** More failed operations than this in one go are counted, not listed. */
const loggedFailures = 20;

/** Logs what became of the changes of the kernel's table. */
export class OutcomeLog {
  readonly #log: Logger;
  /** What the kernel refused the last time. */
  #problems: readonly string[] = [];

  constructor(log: Logger) {
    this.#log = log;
  }

  /**
   * Logs changes in ldirectord's words, and refusals as errors. What the kernel refuses it refuses
   * again in every interval; that is logged when it begins, and again when it changes.
   *
   * @param outcomes of one whole synchronisation.
   * @param config tells the fallback servers from the others.
   */
  write(outcomes: readonly OperationOutcome[], config: Config): void {
    if (outcomes.length > 0) this.#logChanges(outcomes, config);
    const problems = problemsOf(outcomes);
    const isNews = problems.join('\n') !== this.#problems.join('\n');
    this.#problems = problems;
    if (isNews) this.#logProblems(problems);
  }

  #logChanges(outcomes: readonly OperationOutcome[], config: Config): void {
    const fallbacks = new Set(config.virtuals.flatMap(fallbackKey));
    const isFallback = (service: string, name: string) => fallbacks.has(`${service} ${name}`);
    for (const { operation, error } of outcomes) {
      if (!error) this.#log.info(changeText(operation, isFallback));
    }
  }

  #logProblems(problems: readonly string[]): void {
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

function fallbackKey(virtual: VirtualServer): readonly string[] {
  if (virtual.fallback === undefined) return [];
  const { id } = fallbackDestination(virtual, virtual.fallback);
  return [`${serviceKey(virtual.id)} ${destinationKey(id)}`];
}
