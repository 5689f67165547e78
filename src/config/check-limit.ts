import type { CheckDefinition } from './check-model.ts';

/** The longest time that a check may wait for its server, in milliseconds; 0 when it asks nobody. */
export function checkLimitMs(check: CheckDefinition): number {
  switch (check.type) {
    case 'on':
    case 'off':
      return 0;
    case 'ping':
      return check.attempts * check.timeoutMs;
    case 'combined':
      return Math.max(check.connect.timeoutMs, check.negotiate.timeoutMs);
    default:
      return check.timeoutMs;
  }
}

const commandsThatDoNothing = ['true', '/bin/true', '/usr/bin/true'];

/** Whether no state of the server could make the check fail. */
export function cannotFail(check: CheckDefinition): boolean {
  switch (check.type) {
    case 'on':
    case 'off':
      return true;
    case 'negotiate':
      return check.service === 'none';
    case 'external':
    case 'misc':
      return commandsThatDoNothing.includes(check.command);
    default:
      return false;
  }
}
