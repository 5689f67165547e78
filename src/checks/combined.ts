import type { CombinedCheck, ConnectCheck, NegotiateCheck } from '../config/check-model.ts';
import type { Check } from './check.ts';

/**
 * checktype=N: a good negotiate is followed by N connects, then comes a negotiate again; after any
 * failure the next one is a negotiate.
 *
 * Where a probe stands in that round is remembered for its definition object: the round begins anew
 * with a new object, and is forgotten with the old one.
 */
export function combinedCheck(
  connect: Check<ConnectCheck>,
  negotiate: Check<NegotiateCheck>,
): Check<CombinedCheck> {
  const connectsLeft = new WeakMap<CombinedCheck, number>();
  return async (definition, context) => {
    const left = connectsLeft.get(definition) ?? 0;
    // Stands for a failure until the check has answered, so that a throw counts as one.
    connectsLeft.delete(definition);
    if (left > 0) {
      const outcome = await connect(definition.connect, context);
      if (outcome.up) connectsLeft.set(definition, left - 1);
      return outcome;
    }
    const outcome = await negotiate(definition.negotiate, context);
    if (outcome.up) connectsLeft.set(definition, definition.connects);
    return outcome;
  };
}
