import { checkLimitMs } from '../config/check-limit.ts';
import type { CheckDefinition } from '../config/check-model.ts';
import type { CheckOutcome } from './check.ts';

/** What starting the ping command and reading its answer may cost on top of its attempts. */
const pingStartMs = 500;

/** What a check that ends itself at its limit may need to say so (within-limit.ts). */
const lastWordsMs = 500;

/** The time after which a check that has not answered counts as failed. */
export function deadlineMs(definition: CheckDefinition): number {
  switch (definition.type) {
    case 'on':
    case 'off':
      return 1000;
    case 'ping':
      return checkLimitMs(definition) + pingStartMs;
    case 'dialogue':
    case 'udp':
      return checkLimitMs(definition) + lastWordsMs;
    default:
      return checkLimitMs(definition);
  }
}

/** The outcome of a check that was still waiting at its deadline. */
export function noAnswer(definition: CheckDefinition): CheckOutcome {
  const reason = `no answer within ${deadlineMs(definition)} ms`;
  // Whether the server is well is not for a silent agent to say.
  if (definition.type === 'agent')
    return { up: false, reason: `agent: ${reason}`, inconclusive: true };
  return { up: false, reason };
}
