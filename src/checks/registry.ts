import type { CheckDefinition, NegotiateCheck, NegotiateService } from '../config/check-model.ts';
import type { Config } from '../config/model.ts';
import type { Check, CheckContext, CheckOutcome } from './check.ts';
import { noAnswer } from './deadline.ts';
import { originFault } from './origin.ts';
import { outcomeOfError } from './reason.ts';
import { userAgent } from './user-agent.ts';

const always: Check = async ({ type }) =>
  type === 'off' ? { up: false, reason: 'checks are off' } : { up: true, reason: 'always on' };

/** Asks the service that the definition names. */
const negotiate: Check<NegotiateCheck> = async (definition, context) => {
  return (await services[definition.service]())(definition, context);
};

const connect = once(async () => (await import('./connect.ts')).checkConnect);
const external = once(async () => (await import('./external.ts')).checkExternal);
const http = once(async () => (await import('./http.ts')).httpCheck(userAgent));
const imap = once(async () => (await import('./imap.ts')).checkImap);
const ldap = once(async () => (await import('./ldap.ts')).checkLdap);
const pop = once(async () => (await import('./pop.ts')).checkPop);
const smtp = once(async () => (await import('./greeting.ts')).checkSmtp);

type CheckType = CheckDefinition['type'];

/** The definitions of one type of check. */
type DefinitionOf<T extends CheckType> = CheckDefinition extends infer D
  ? D extends { readonly type: infer U }
    ? T extends U
      ? D
      : never
    : never
  : never;

/** The check of each type. What one needs is loaded when it runs for the first time. */
const types: { readonly [T in CheckType]: () => Promise<Check<DefinitionOf<T>>> } = {
  on: async () => always,
  off: async () => always,
  connect,
  ping: once(async () => (await import('./ping.ts')).pingCheck('ping')),
  negotiate: async () => negotiate,
  combined: once(async () =>
    (await import('./combined.ts')).combinedCheck(await connect(), negotiate),
  ),
  external,
  'external-perl': external,
  'http-get': once(async () => (await import('./http-get/check.ts')).checkHttpGet),
  agent: once(async () => (await import('./agent.ts')).checkAgent),
  dialogue: once(async () => (await import('./dialogue-steps.ts')).checkDialogueSteps),
  'dns-query': once(async () => (await import('./dns-query.ts')).checkDnsQuery),
  file: once(async () => (await import('./file.ts')).checkFile),
  misc: once(async () => (await import('./misc.ts')).checkMisc),
  'smtp-hello': once(async () => (await import('./smtp-hello.ts')).checkSmtpHello),
  udp: once(async () => (await import('./udp.ts')).checkUdp),
};

/** The check of each `service=` of a negotiate check. */
const services: { readonly [S in NegotiateService]: () => Promise<Check<NegotiateCheck>> } = {
  dns: once(async () => (await import('./dns.ts')).checkDns),
  ftp: once(async () => (await import('./ftp.ts')).checkFtp),
  http,
  https: http,
  http_proxy: http,
  imap,
  imaps: imap,
  ldap,
  ldaps: ldap,
  mysql: once(async () => (await import('./mysql.ts')).checkMysql),
  nntp: once(async () => (await import('./greeting.ts')).checkNntp),
  none: async () => async () => ({ up: true, reason: 'nothing to ask' }),
  oracle: once(async () => (await import('./oracle.ts')).checkOracle),
  pgsql: once(async () => (await import('./pgsql.ts')).checkPgsql),
  pop,
  pops: pop,
  radius: once(async () => (await import('./radius.ts')).checkRadius),
  simpletcp: once(async () => (await import('./simpletcp.ts')).checkSimpleTcp),
  sip: once(async () => (await import('./sip.ts')).checkSip),
  smtp,
  submission: smtp,
};

/**
 * Loads all that the checks of a file need, ahead of their first runs. What Node could not load once,
 * as there were too many open files, it gives up for the life of the process; and that many are open
 * just when checks of servers that do not answer pile up.
 */
export async function prepareChecks({ virtuals }: Config): Promise<void> {
  const servers = virtuals.flatMap(({ reals, fallbacks }) => [...reals, ...fallbacks]);
  const definitions = servers.flatMap(({ checks }) => checks.map(({ definition }) => definition));
  const loads = new Set<() => Promise<unknown>>();
  for (const definition of definitions) {
    loads.add(types[definition.type]);
    if (definition.type === 'negotiate') loads.add(services[definition.service]);
    if (definition.type === 'combined') loads.add(services[definition.negotiate.service]);
  }
  // what is missing says so when its check runs
  await Promise.allSettled([...loads].map((load) => load()));
}

/** Runs a check once. Never rejects: whatever goes wrong is a reason for being down. */
export async function runCheck(
  definition: CheckDefinition,
  context: CheckContext,
): Promise<CheckOutcome> {
  const outcome = await outcomeOf(definition, context);
  if (outcome.up) return outcome;
  const fault = await originFault(definition);
  return fault === undefined ? outcome : { up: false, reason: fault, inconclusive: true };
}

async function outcomeOf(
  definition: CheckDefinition,
  context: CheckContext,
): Promise<CheckOutcome> {
  try {
    const outcome = await dispatch(definition.type, definition, context);
    return context.signal.aborted ? noAnswer(definition) : outcome;
  } catch (error) {
    if (context.signal.aborted) return noAnswer(definition);
    return outcomeOfError(error);
  }
}

/** `type` is the definition's own; beside it, so that the compiler sees that the two belong together. */
async function dispatch<T extends CheckType>(
  type: T,
  definition: DefinitionOf<T>,
  context: CheckContext,
): Promise<CheckOutcome> {
  return (await types[type]())(definition, context);
}

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
