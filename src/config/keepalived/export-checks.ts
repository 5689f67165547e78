import type { CheckDefinition, NegotiateCheck } from '../check-model.ts';
import type { CheckTarget } from '../check-target.ts';
import { commandWords } from '../command-words.ts';
import type { ServerCheck } from '../model.ts';
import { blockEntry, type Entry, entry, scriptText } from './blocks-text.ts';
import { httpBody } from './export-http.ts';
import { type CheckBody, type ExportContext, targetEntries } from './exported-check.ts';

/** The checker blocks of a real server; none where keepalived need not check. */
export function exportChecks(context: ExportContext): readonly Entry[] {
  return context.real.checks.flatMap((check) => {
    if (check.definition.type === 'on') return [];
    const { findings, place } = context;
    if (check.rise > 1) {
      findings.add('lost', place, 'rise', 'keepalived brings a server back after one good check');
    }
    const body = exportDefinition(check.definition, context);
    if (body === undefined) return [];
    return [
      blockEntry(body.keyword, '', [...body.entries, ...rhythmEntries(check, body, context)]),
    ];
  });
}

/** What is done instead of a check that keepalived does not have: a connect to the same port. */
function onlyConnect(
  target: CheckTarget,
  timeoutMs: number,
  what: string,
  context: ExportContext,
): CheckBody {
  const message = `keepalived has no ${what}: it connects to the port, and asks no more`;
  context.findings.add('lost', context.place, 'check', message);
  return { keyword: 'TCP_CHECK', entries: targetEntries(target, timeoutMs, context.real) };
}

function exportDefinition(
  definition: CheckDefinition,
  context: ExportContext,
): CheckBody | undefined {
  const { real, findings, place } = context;
  const lost = (what: string): void => findings.add('lost', place, 'check', what);
  switch (definition.type) {
    case 'on':
    case 'off':
      return undefined;
    case 'ping': {
      const { address, family, from, timeoutMs } = definition;
      const target = { address, family, port: real.port, ...(from !== undefined && { from }) };
      return { keyword: 'PING_CHECK', entries: targetEntries(target, timeoutMs, real) };
    }
    case 'connect': {
      const { target, timeoutMs, tls } = definition;
      if (tls !== undefined) return onlyConnect(target, timeoutMs, 'TLS handshake alone', context);
      return { keyword: 'TCP_CHECK', entries: targetEntries(target, timeoutMs, real) };
    }
    case 'http-get':
      return httpBody(definition, context);
    case 'smtp-hello': {
      const { target, timeoutMs, heloName } = definition;
      const entries = [...targetEntries(target, timeoutMs, real), entry('helo_name', heloName)];
      return { keyword: 'SMTP_CHECK', entries };
    }
    case 'dns-query': {
      const { target, timeoutMs, queryType, name } = definition;
      const question = [entry('type', queryType), entry('name', name)];
      return {
        keyword: 'DNS_CHECK',
        entries: [...targetEntries(target, timeoutMs, real), ...question],
      };
    }
    case 'udp': {
      const { target, timeoutMs, payload, reply } = definition;
      const required = reply && [
        entry('require_reply', ...(reply.pattern === '' ? [] : [reply.pattern])),
        ...(reply.pattern === '' ? [] : [entry('min_reply_length', reply.minLength)]),
        ...(reply.pattern === '' ? [] : [entry('max_reply_length', reply.maxLength)]),
      ];
      const sent = payload === '' ? [] : [entry('payload', payload)];
      if (/^(..)*ff/i.test(payload)) {
        const message = 'keepalived up to 2.2.7 refuses a payload with ff in it';
        findings.add('changed', place, 'payload', message);
      }
      if (payload === '') lost('keepalived sends no empty datagram, but 32 bytes of its own');
      return {
        keyword: 'UDP_CHECK',
        entries: [...targetEntries(target, timeoutMs, real), ...sent, ...(required ?? [])],
      };
    }
    case 'misc': {
      const { command, dynamic, user, group, timeoutMs } = definition;
      const words = commandWords(command) ?? [];
      const account = [user, group].filter((name) => name !== undefined);
      return miscBody(words, timeoutMs, context, [
        ...(dynamic ? [entry('misc_dynamic')] : []),
        ...(account.length > 0 ? [entry('user', ...account)] : []),
      ]);
    }
    case 'file': {
      const name = trackFileName(definition.path, context);
      const entries = [entry('track_file', name), entry('weight', definition.weight)];
      return { keyword: 'FILE_CHECK', entries };
    }
    case 'external':
    case 'external-perl': {
      const { command, args, timeoutMs } = definition;
      return miscBody([...(commandWords(command) ?? [command]), ...args], timeoutMs, context, []);
    }
    case 'combined':
      lost('keepalived has no checks by turns: it negotiates every time');
      return negotiateBody(definition.negotiate, context);
    case 'negotiate':
      return negotiateBody(definition, context);
    case 'dialogue':
      return definition.transport === 'tcp'
        ? onlyConnect(definition.target, definition.timeoutMs, 'send and expect', context)
        : onlyPing(definition.target, definition.timeoutMs, 'send and expect over udp', context);
    case 'agent':
      lost('keepalived has no agent check, and no check is in its place');
      return undefined;
  }
}

/** As `onlyConnect`, where there is nothing to connect to. */
function onlyPing(
  target: CheckTarget,
  timeoutMs: number,
  what: string,
  context: ExportContext,
): CheckBody {
  const message = `keepalived has no ${what}: it pings the server, and asks no more`;
  context.findings.add('lost', context.place, 'check', message);
  const host = { ...target, port: context.real.port };
  return { keyword: 'PING_CHECK', entries: targetEntries(host, timeoutMs, context.real) };
}

function miscBody(
  words: readonly string[],
  timeoutMs: number,
  { findings, place }: ExportContext,
  more: readonly Entry[],
): CheckBody | undefined {
  const script = scriptText(words);
  if (script === undefined) {
    findings.add(
      'lost',
      place,
      'command',
      'its quotes cannot be written: put the command into a script',
    );
    return undefined;
  }
  if (timeoutMs % 1000 > 0) {
    findings.add('changed', place, 'timeout', 'keepalived counts whole seconds');
  }
  const timeout = entry('misc_timeout', Math.max(1, Math.ceil(timeoutMs / 1000)));
  return { keyword: 'MISC_CHECK', entries: [entry('misc_path', script), timeout, ...more] };
}

/** One name for each path. */
function trackFileName(path: string, { trackFiles }: ExportContext): string {
  const known = [...trackFiles].find(([, one]) => one === path)?.[0];
  const name = known ?? `file${trackFiles.size + 1}`;
  trackFiles.set(name, path);
  return name;
}

/** Of ldirectord's services those that keepalived speaks. */
function negotiateBody(check: NegotiateCheck, context: ExportContext): CheckBody | undefined {
  const { service, target, timeoutMs, request, receive, virtualhost, tls, protocol } = check;
  const { real, findings, place } = context;
  if (service === 'none') return undefined;
  if (service === 'http' || service === 'https') {
    const message = 'keepalived follows no redirects, and knows GET alone';
    findings.add('changed', place, 'service', message);
    const url = {
      path: request,
      host: virtualhost,
      statuses: [[200, 299]],
      regex: receive,
    } as const;
    const get = { type: 'http-get', target, protocol: '1.0', timeoutMs } as const;
    const urls = [{ ...url, regexNoMatch: false }];
    return httpBody({ ...get, urls, ...(tls !== undefined && { tls }) }, context);
  }
  if (service === 'smtp' || service === 'submission') {
    return { keyword: 'SMTP_CHECK', entries: targetEntries(target, timeoutMs, real) };
  }
  if (service === 'dns') {
    if (receive !== '')
      findings.add('lost', place, 'receive', 'keepalived looks at no answers of dns');
    const question = [entry('type', 'A'), entry('name', request)];
    return {
      keyword: 'DNS_CHECK',
      entries: [...targetEntries(target, timeoutMs, real), ...question],
    };
  }
  const only = protocol === 'udp' || service === 'radius' ? onlyPing : onlyConnect;
  return only(target, timeoutMs, `check of ${service}`, context);
}

/** What the virtual server says for its checks need not be said again. */
function rhythmEntries(
  check: ServerCheck,
  { keyword }: CheckBody,
  { virtual, findings, place }: ExportContext,
): readonly Entry[] {
  if (keyword === 'FILE_CHECK') return [];
  const { normalMs, fastMs, downMs } = check.intervals;
  if (downMs !== normalMs && check.failureCount > 0) {
    findings.add(
      'lost',
      place,
      'downinterval',
      'keepalived checks a server that is out in delay_loop as well',
    );
  }
  const { intervals, failureCount } = virtual;
  const isUsualRetry = check.failureCount === failureCount && failureCount > 1;
  return [
    ...(normalMs === intervals.normalMs ? [] : [entry('delay_loop', normalMs / 1000)]),
    ...(isUsualRetry ? [] : [entry('retry', check.failureCount - 1)]),
    ...(fastMs === intervals.fastMs ? [] : [entry('delay_before_retry', fastMs / 1000)]),
    ...(check.warmupMs === 0 ? [] : [entry('warmup', check.warmupMs / 1000)]),
  ];
}
