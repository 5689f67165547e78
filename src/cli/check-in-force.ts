import type { BlockCheck, HttpGetCheck, MiscCheck, UdpCheck } from '../config/block-checks.ts';
import type { CheckDefinition, NegotiateCheck } from '../config/check-model.ts';
import type { CheckTarget, TlsSettings } from '../config/check-target.ts';

/** All of a check but its passwords: what it asks whom, and for how long. */
export function checkInForce(check: CheckDefinition): string {
  switch (check.type) {
    case 'on':
    case 'off':
      return check.type;
    case 'ping':
      return `ping ${check.address}${origin(check.from)}, ${check.attempts} x ${seconds(check.timeoutMs)}`;
    case 'connect':
      return `connect port ${place(check)}${tlsPart(check.tls)}, ${seconds(check.timeoutMs)}`;
    case 'negotiate':
      return negotiateText(check);
    case 'combined':
      return `${negotiateText(check.negotiate)}, then ${check.connects} connects`;
    case 'external':
    case 'external-perl':
      return `${check.type} ${check.command} ${check.args.join(' ')}, ${seconds(check.timeoutMs)}`;
    default:
      return `${blockText(check)}, ${seconds(check.timeoutMs)}`;
  }
}

function blockText(check: BlockCheck): string {
  switch (check.type) {
    case 'http-get':
      return httpText(check);
    case 'smtp-hello':
      return `smtp port ${place(check)} as ${check.heloName}`;
    case 'dns-query':
      return `dns port ${place(check)} ${check.queryType} ${check.name}`;
    case 'udp':
      return `udp port ${place(check)}${replyText(check)}`;
    case 'misc':
      return `misc ${check.command}${check.dynamic ? ' for the weight' : ''}${runAs(check)}`;
    case 'file':
      return `file ${check.path}${check.weight === 0 ? '' : ` times ${check.weight}`}`;
    case 'dialogue': {
      // What is sent may be a password.
      const steps = `${check.steps.length} ${check.steps.length === 1 ? 'step' : 'steps'}`;
      return `dialogue ${check.transport} port ${place(check)}${tlsPart(check.tls)}, ${steps}`;
    }
    case 'agent':
      return `agent port ${place(check)}`;
  }
}

function httpText(check: HttpGetCheck): string {
  const urls = check.urls.map(({ path, host, statuses, digest, regex, regexNoMatch }) =>
    [
      path,
      ...(host === '' ? [] : [`virtualhost ${host}`]),
      `status ${statuses.map((range) => [...new Set(range)].join('-')).join(' ')}`,
      ...(digest === undefined ? [] : [`${digest.algorithm} ${digest.hex}`]),
      ...(regex === '' ? [] : [`${regexNoMatch ? 'without' : 'with'} "${regex}"`]),
    ].join(' '),
  );
  return `HTTP/${check.protocol} port ${place(check)}${tlsPart(check.tls)} ${urls.join(', ')}`;
}

function replyText({ reply }: UdpCheck): string {
  if (reply === undefined) return '';
  const { pattern, minLength, maxLength } = reply;
  const begin = pattern === '' ? '' : ` ${pattern}`;
  return ` with reply${begin} of ${minLength} to ${maxLength} bytes`;
}

function runAs({ user = '', group }: MiscCheck): string {
  const account = group === undefined ? user : `${user}:${group}`;
  return account === '' ? '' : ` as ${account}`;
}

function negotiateText(check: NegotiateCheck): string {
  const { service, target, request, receive, httpMethod, virtualhost, login, database, tls } =
    check;
  if (service === 'none') return 'none';
  const parts = [
    `${service} port ${target.port}${origin(target.from)}`,
    ...(httpMethod === 'HEAD' ? ['HEAD'] : []),
    ...(request === '' ? [] : [`request "${request}"`]),
    ...(receive === '' ? [] : [`receive "${receive}"`]),
    ...(virtualhost === '' ? [] : [`virtualhost ${virtualhost}`]),
    ...(login === '' ? [] : [`login ${login}`]),
    ...(database === '' ? [] : [`database ${database}`]),
    ...(tls === undefined ? [] : [tlsText(tls)]),
  ];
  return `${parts.join(' ')}, ${seconds(check.timeoutMs)}`;
}

function tlsText({ verify, sni, caFile, clientCert, certWarnDays }: TlsSettings): string {
  return [
    `verify ${verify}`,
    ...(sni === '' ? [] : [`sni ${sni}`]),
    ...(caFile === undefined ? [] : [`cafile ${caFile}`]),
    ...(clientCert === undefined ? [] : [`clientcert ${clientCert}`]),
    ...(certWarnDays === 0 ? [] : [`certwarn ${certWarnDays} days`]),
  ].join(' ');
}

function tlsPart(tls: TlsSettings | undefined): string {
  return tls === undefined ? '' : ` ${tlsText(tls)}`;
}

/** The port that is asked, and where the check comes from. */
function place({ target }: { readonly target: CheckTarget }): string {
  return `${target.port}${origin(target.from)}`;
}

function origin(from: string | undefined): string {
  return from === undefined ? '' : ` from ${from}`;
}

export function seconds(ms: number): string {
  return `${ms / 1000} s`;
}
