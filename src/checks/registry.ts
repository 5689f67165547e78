import type { CheckDefinition, NegotiateCheck, NegotiateService } from '../config/model.ts';
import type { Check, CheckContext, CheckOutcome } from './check.ts';
import { noAnswer } from './deadline.ts';
import { describeError } from './reason.ts';
import { userAgent } from './user-agent.ts';

type Loader<D extends CheckDefinition> = () => Promise<Check<D>>;

const always: Check = async ({ type }) =>
  type === 'off' ? { up: false, reason: 'checks are off' } : { up: true, reason: 'always on' };

/** How the checks of each `checktype=` are had. What a check needs is loaded when one runs first. */
const types = {
  on: async () => always,
  off: async () => always,
  connect: once(async () => (await import('./connect.ts')).checkConnect),
  negotiate: async () => checkNegotiate,
} as const;

const http = once(async () => (await import('./http.ts')).httpCheck(userAgent()));

/** The same for each `service=` of a negotiate check. */
const services: { readonly [S in NegotiateService]?: Loader<NegotiateCheck> } = {
  http,
  https: http,
  http_proxy: http,
  none: async () => async () => ({ up: true, reason: 'nothing to ask' }),
};

/** The check types that can run. */
export const supportedTypes: ReadonlySet<string> = new Set(Object.keys(types));

/** The services that a negotiate check can ask. */
export const supportedServices: ReadonlySet<string> = new Set(Object.keys(services));

/**
 * Runs a check once. Never rejects: whatever goes wrong is a reason for being down.
 */
export async function runCheck(
  definition: CheckDefinition,
  context: CheckContext,
): Promise<CheckOutcome> {
  try {
    const outcome = await dispatch(definition, context);
    return context.signal.aborted ? noAnswer(definition) : outcome;
  } catch (error) {
    if (context.signal.aborted) return noAnswer(definition);
    return { up: false, reason: describeError(error) };
  }
}

async function dispatch(definition: CheckDefinition, context: CheckContext): Promise<CheckOutcome> {
  switch (definition.type) {
    case 'on':
    case 'off':
      return always(definition, context);
    case 'connect':
      return (await types.connect())(definition, context);
    case 'negotiate':
      return checkNegotiate(definition, context);
    default:
      throw new Error(`checktype "${definition.type}" is not supported`);
  }
}

const checkNegotiate: Check<NegotiateCheck> = async (definition, context) => {
  const load = services[definition.service];
  if (load === undefined) throw new Error(`service "${definition.service}" is not supported`);
  return (await load())(definition, context);
};

/** Loads at the first call and remembers; a failed load is tried again at the next. */
function once<T>(load: () => Promise<T>): () => Promise<T> {
  let loading: Promise<T> | undefined;
  return () => {
    loading ??= load().catch((error: unknown) => {
      loading = undefined;
      throw error;
    });
    return loading;
  };
}
