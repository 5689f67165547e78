import type { HttpGetCheck, HttpUrl } from '../block-checks.ts';
import { commandWords } from '../command-words.ts';
import type {
  CheckDefinition,
  CheckTarget,
  Endpoint,
  NegotiateCheck,
  RealServer,
  ServerCheck,
  TlsSettings,
  VirtualServer,
} from '../model.ts';
import { blockEntry, type Entry, entry, patternWord, scriptText, wordText } from './blocks-text.ts';
import type { Findings, Place } from './finding.ts';

/** Where a check stands, and what it may add to the rest of the new file. */
export interface ExportContext {
  readonly findings: Findings;
  readonly place: Place;
  readonly virtual: VirtualServer;
  readonly real: RealServer;
  /** Paths of the files that checks follow, by the names of their track_file blocks. */
  readonly trackFiles: Map<string, string>;
  /** Of the checks over TLS; keepalived has one for all. */
  readonly tls: Set<string>;
}

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
    return [blockEntry(body.keyword, '', [...body.entries, ...rhythmEntries(check, body, context)])];
  });
}

interface CheckBody {
  readonly keyword: string;
  readonly entries: readonly Entry[];
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
      return { keyword: 'DNS_CHECK', entries: [...targetEntries(target, timeoutMs, real), ...question] };
    }
    case 'udp': {
      const { target, timeoutMs, payload, reply } = definition;
      const required = reply && [
        entry('require_reply', ...(reply.pattern === '' ? [] : [reply.pattern])),
        ...(reply.pattern === '' ? [] : [entry('min_reply_length', reply.minLength)]),
        ...(reply.pattern === '' ? [] : [entry('max_reply_length', reply.maxLength)]),
      ];
      const sent = payload === '' ? [] : [entry('payload', payload)];
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
        : nothing('send and expect over udp', context);
    case 'agent':
      return nothing('agent check', context);
  }
}

function nothing(what: string, { findings, place }: ExportContext): undefined {
  findings.add('lost', place, 'check', `keepalived has no ${what}, and no check is in its place`);
  return undefined;
}

function miscBody(
  words: readonly string[],
  timeoutMs: number,
  { findings, place }: ExportContext,
  more: readonly Entry[],
): CheckBody | undefined {
  const script = scriptText(words);
  if (script === undefined) {
    findings.add('lost', place, 'command', 'its quotes cannot be written: put the command into a script');
    return undefined;
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

function httpBody(check: HttpGetCheck, context: ExportContext): CheckBody {
  const { target, timeoutMs, protocol, urls, tls } = check;
  return {
    keyword: tls === undefined ? 'HTTP_GET' : 'SSL_GET',
    entries: [
      ...targetEntries(target, timeoutMs, context.real),
      ...(protocol === '1.0' ? [] : [entry('http_protocol', protocol)]),
      ...tlsEntries(tls, urls, context),
      ...urls.map((url) => blockEntry('url', '', urlEntries(url, context))),
    ],
  };
}

/** keepalived has one set of files for all checks, and looks at no certificate. */
function tlsEntries(
  tls: TlsSettings | undefined,
  urls: readonly HttpUrl[],
  { findings, place, ...context }: ExportContext,
): readonly Entry[] {
  if (tls === undefined) return [];
  const { verify, sni, caFile, clientCert, clientKey, certWarnDays } = tls;
  if (verify !== 'none') findings.add('lost', place, 'verify', 'keepalived looks at no certificate');
  if (certWarnDays > 0) findings.add('lost', place, 'certwarn', 'keepalived looks at no certificate');
  context.tls.add(JSON.stringify([caFile ?? '', clientCert ?? '', clientKey ?? '']));
  if (sni === '') return [];
  if (urls.some(({ host }) => host === sni)) return [entry('enable_sni')];
  findings.add('hand', place, 'sni', 'sni_name is known to the newest releases of keepalived alone');
  return [entry('sni_name', sni)];
}

function urlEntries(url: HttpUrl, { findings, place }: ExportContext): readonly Entry[] {
  const { path, host, statuses, digest, regex, regexNoMatch } = url;
  const written = wordText(path);
  if (written === undefined) {
    findings.add('lost', place, 'path', `${path} cannot be written: keepalived knows no quotes in it`);
  }
  if (digest?.algorithm === 'sha256') {
    findings.add('lost', place, 'digest', 'keepalived knows MD5 alone');
  }
  const status = statuses.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(' ');
  return [
    entry('path', written ?? '/'),
    ...(host === '' ? [] : [entry('virtualhost', host)]),
    ...(status === '200-299' ? [] : [entry('status_code', status)]),
    ...(digest?.algorithm === 'md5' ? [entry('digest', digest.hex)] : []),
    ...(regex === '' ? [] : [entry('regex', patternWord(regex))]),
    ...(regexNoMatch ? [entry('regex_no_match')] : []),
  ];
}

/** Of ldirectord's services those that keepalived speaks. */
function negotiateBody(check: NegotiateCheck, context: ExportContext): CheckBody | undefined {
  const { service, target, timeoutMs, request, receive, virtualhost, tls, protocol } = check;
  const { real, findings, place } = context;
  if (service === 'none') return undefined;
  if (service === 'http' || service === 'https') {
    const message = 'keepalived follows no redirects, and knows GET alone';
    findings.add('changed', place, 'service', message);
    const url = { path: request, host: virtualhost, statuses: [[200, 299]], regex: receive } as const;
    const get = { type: 'http-get', target, protocol: '1.0', timeoutMs } as const;
    const urls = [{ ...url, regexNoMatch: false }];
    return httpBody({ ...get, urls, ...(tls !== undefined && { tls }) }, context);
  }
  if (service === 'smtp' || service === 'submission') {
    return { keyword: 'SMTP_CHECK', entries: targetEntries(target, timeoutMs, real) };
  }
  if (service === 'dns') {
    if (receive !== '') findings.add('lost', place, 'receive', 'keepalived looks at no answers of dns');
    const question = [entry('type', 'A'), entry('name', request)];
    return { keyword: 'DNS_CHECK', entries: [...targetEntries(target, timeoutMs, real), ...question] };
  }
  return protocol === 'tcp'
    ? onlyConnect(target, timeoutMs, `check of ${service}`, context)
    : nothing(`check of ${service}`, context);
}

function targetEntries(target: CheckTarget, timeoutMs: number, server: Endpoint): readonly Entry[] {
  const { address, port, from } = target;
  return [
    ...(address === server.address ? [] : [entry('connect_ip', address)]),
    ...(port === server.port ? [] : [entry('connect_port', port)]),
    ...(from === undefined ? [] : [entry('bindto', from)]),
    entry('connect_timeout', timeoutMs / 1000),
  ];
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
    findings.add('lost', place, 'downinterval', 'keepalived checks a server that is out in delay_loop as well');
  }
  return [
    ...(normalMs === virtual.intervals.normalMs ? [] : [entry('delay_loop', normalMs / 1000)]),
    entry('retry', check.failureCount - 1),
    entry('delay_before_retry', fastMs / 1000),
    entry('warmup', check.warmupMs / 1000),
  ];
}
