import type { NegotiateCheck, NegotiateService } from '../check-model.ts';
import type { CheckTarget, TlsSettings } from '../check-target.ts';
import { directives as d } from './directives.ts';
import { effective, given, lastSetting } from './settings.ts';
import type { DirectiveLine } from './syntax.ts';
import type { Timeouts } from './timeouts.ts';
import type { RealLine } from './values/real-line.ts';

type Field =
  | 'protocol'
  | 'request'
  | 'receive'
  | 'httpMethod'
  | 'virtualhost'
  | 'login'
  | 'passwd'
  | 'database'
  | 'secret';

/**
 * What decides the outcome of a check, by service. All other fields stay empty, so that checks
 * that ask the same are equal.
 */
const relevant: Readonly<Record<NegotiateService, readonly Field[]>> = {
  dns: ['protocol', 'request', 'receive'],
  ftp: ['request', 'receive', 'login', 'passwd'],
  http: ['request', 'receive', 'httpMethod', 'virtualhost'],
  https: ['request', 'receive', 'httpMethod', 'virtualhost'],
  http_proxy: ['request', 'receive', 'httpMethod'],
  imap: ['login', 'passwd'],
  imaps: ['login', 'passwd'],
  ldap: ['request', 'receive', 'login', 'passwd'],
  ldaps: ['request', 'receive', 'login', 'passwd'],
  mysql: ['request', 'login', 'passwd', 'database'],
  nntp: [],
  none: [],
  oracle: ['request', 'login', 'passwd', 'database'],
  pgsql: ['request', 'login', 'passwd', 'database'],
  pop: ['login', 'passwd'],
  pops: ['login', 'passwd'],
  radius: ['login', 'passwd', 'secret'],
  simpletcp: ['protocol', 'request', 'receive'],
  sip: ['protocol', 'login'],
  smtp: [],
  submission: [],
};

/** These take checktimeout; all others negotiatetimeout. */
const underCheckTimeout: readonly NegotiateService[] = ['ldap', 'ldaps', 'radius'];

export interface NegotiateInput {
  readonly service: NegotiateService;
  readonly protocol: 'tcp' | 'udp';
  readonly target: CheckTarget;
  readonly real: RealLine;
  /** Lines of the section. */
  readonly own: readonly DirectiveLine[];
  readonly globals: readonly DirectiveLine[];
  /** Content of passwdfile and secretfile, where they are given. */
  readonly passwd: string | undefined;
  readonly secret: string | undefined;
  readonly timeouts: Timeouts;
  readonly hostname: string;
}

/** The negotiate check of one real server, with nothing in it that its service does not use. */
export function negotiateCheck(input: NegotiateInput): NegotiateCheck {
  const { service, own, real, timeouts } = input;
  const has = (field: Field): boolean => relevant[service].includes(field);
  const text = (field: Field, value: string): string => (has(field) ? value : '');
  const logins = defaultLogins(input);
  return {
    type: 'negotiate',
    service,
    protocol: has('protocol') ? input.protocol : 'tcp',
    target: input.target,
    request: text('request', requestOf(own, real)),
    receive: text('receive', real.receive ?? effective(d.receive, own)),
    httpMethod: has('httpMethod') ? effective(d.httpmethod, own) : 'GET',
    virtualhost: text('virtualhost', effective(d.virtualhost, own)),
    login: text('login', lastSetting(own, d.login)?.value ?? logins.login),
    passwd: text('passwd', input.passwd ?? lastSetting(own, d.passwd)?.value ?? logins.passwd),
    database: text('database', effective(d.database, own)),
    secret: text('secret', input.secret ?? effective(d.secret, own)),
    ...(overTls.includes(service) && { tls: tlsSettings(input) }),
    timeoutMs: underCheckTimeout.includes(service) ? timeouts.checkMs : timeouts.negotiateMs,
  };
}

const overTls: readonly NegotiateService[] = ['https', 'imaps', 'pops', 'ldaps'];

function tlsSettings({ service, own, globals }: NegotiateInput): TlsSettings {
  const both = [own, globals];
  const caFile = given(d.cafile, ...both);
  const clientCert = given(d.clientcert, ...both);
  const clientKey = given(d.clientkey, ...both) ?? clientCert;
  return {
    verify: given(d.verify, ...both) ?? (service === 'ldaps' ? 'none' : 'ca'),
    sni: effective(d.sni, ...both),
    ...(caFile !== undefined && { caFile }),
    ...(clientCert !== undefined && { clientCert }),
    ...(clientCert !== undefined && clientKey !== undefined && { clientKey }),
    certWarnDays: effective(d.certwarn, ...both),
  };
}

/** A whole URL stays one on the line of a real server, and only there. */
export function requestOf(own: readonly DirectiveLine[], real: RealLine): string {
  if (real.request !== undefined && /^https?:\/\//.test(real.request)) return real.request;
  const request = real.request ?? effective(d.request, own);
  return request.startsWith('/') ? request : `/${request}`;
}

/** Only a `service=` line brings them, not a service that follows from the port. */
function defaultLogins({ own, hostname }: NegotiateInput): { login: string; passwd: string } {
  const visitor = `ldirectord@${hostname}`;
  const service = lastSetting(own, d.service)?.value;
  if (service === 'ftp') return { login: 'anonymous', passwd: visitor };
  if (service === 'sip') return { login: visitor, passwd: '' };
  return { login: '', passwd: '' };
}
