import type { Logger } from 'pino';
import type { HealthEvent } from '../health/server-health.ts';
import type { ServerCondition } from '../health/server-record.ts';

/** Writes a change of health into the log, in ldirectord's words where it has some. */
export function logHealth(log: Logger, event: HealthEvent): void {
  const { serverKey, check, kind, failures, result } = event;
  const named = check.name === 'checktype' ? {} : { check: check.name };
  const facts = {
    ...named,
    reason: result.outcome.reason,
    durationMs: Math.round(result.durationMs),
  };
  switch (kind) {
    case 'up':
      log.info(facts, `Real server up: ${serverKey}`);
      break;
    case 'down':
      log.warn(facts, `Real server down: ${serverKey}`);
      break;
    case 'soft-failure': {
      const count = `failure ${failures}/${check.failureCount}`;
      log.warn(facts, `Soft failure real server: ${ldirectordWords(serverKey)} ${count}`);
      break;
    }
    case 'held':
      log.info(facts, `Real server good again, held back by damping: ${serverKey}`);
      break;
    case 'weight': {
      const { effect, order } = result.outcome;
      log.info({ ...facts, effect, order }, `Check changes the weight: ${serverKey}`);
      break;
    }
    case 'cannot-check':
      log.error(facts, `Cannot check, health stays as it is: ${serverKey}`);
      break;
    case 'warning':
      log.warn({ warning: result.outcome.warning }, `Warning about real server: ${serverKey}`);
      break;
    case 'soft-failure-reset':
      log.info(facts, `Resetting soft failure count: ${ldirectordWords(serverKey)}`);
      break;
  }
}

/** Writes which servers are up by a new file alone: it has no damping any more that held them. */
export function logReleased(
  log: Logger,
  before: ReadonlyMap<string, ServerCondition>,
  after: ReadonlyMap<string, ServerCondition>,
): void {
  for (const [key, { up }] of after) {
    if (up && before.get(key)?.up === false) {
      log.info(`Real server up: ${key}, the file does not hold it back any more`);
    }
  }
}

/** `10.0.0.2:80 (tcp:10.0.0.1:80)` of a `serverKey`. */
function ldirectordWords(serverKey: string): string {
  const [virtual = '', real = ''] = serverKey.split(' ');
  return `${real} (${virtual})`;
}
