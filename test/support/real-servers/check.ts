import type { CheckOutcome } from '../../../src/checks/check.ts';
import { runCheck } from '../../../src/checks/registry.ts';
import type { NegotiateCheck } from '../../../src/config/check-model.ts';
import type { Endpoint } from '../../../src/config/endpoint.ts';
import { negotiateCheck } from '../negotiate-check.ts';

/** A negotiate check of a server on this machine. */
export function checkOf(
  service: NegotiateCheck['service'],
  { address, port }: Pick<Endpoint, 'address' | 'port'>,
  changes: Partial<NegotiateCheck> = {},
): NegotiateCheck {
  const family = address.includes(':') ? 'inet6' : 'inet';
  return negotiateCheck({ family, address, port }, { service, timeoutMs: 20_000, ...changes });
}

/** Runs a check as the scheduler does, with its hard deadline. */
export function run(definition: NegotiateCheck): Promise<CheckOutcome> {
  return runCheck(definition, { signal: AbortSignal.timeout(definition.timeoutMs) });
}

/** What came of the check of a silent server, and of the checks that ran at the same time. */
export interface Siege {
  readonly silent: CheckOutcome;
  /** Outcomes of the other check, one after the other, that were there before the silent one. */
  readonly others: readonly CheckOutcome[];
}

/** Runs a check that will get no answer, and another one again and again until it is over. */
export async function besiege(silent: NegotiateCheck, other: NegotiateCheck): Promise<Siege> {
  const others: CheckOutcome[] = [];
  let over = false;
  const asked = run(silent).finally(() => {
    over = true;
  });
  while (!over) {
    const outcome = await run(other);
    if (!over) others.push(outcome);
  }
  return { silent: await asked, others };
}
