import type {
  CheckDefinition,
  ConnectCheck,
  NegotiateCheck,
  NegotiateService,
  PingCheck,
} from '../check-model.ts';
import type { CheckTarget } from '../check-target.ts';
import type { Endpoint, TransportProtocol } from '../endpoint.ts';
import type { VirtualId } from '../model.ts';
import { checkOrigin } from './check-origin.ts';
import type { ResolveContext } from './context.ts';
import type { Directive } from './directive.ts';
import { directives as d } from './directives.ts';
import { negotiateCheck } from './negotiate-definition.ts';
import { nameStretch, valueReport } from './report.ts';
import { portOfService, serviceOf } from './service-ports.ts';
import { effective, given, lastSetting } from './settings.ts';
import { sqlWarnings } from './sql-warnings.ts';
import type { DirectiveLine, Section } from './syntax.ts';
import { resolveTimeouts } from './timeouts.ts';
import type { RealLine } from './values/real-line.ts';
import type { CheckTypeWord } from './values/words.ts';

/**
 * Makes the check of one real server.
 *
 * @param real - its line, for its own request and receive.
 * @param first - false for the further servers of a range: they repeat no findings.
 * @returns undefined after an error was reported.
 */
export type CheckBuilder = (
  target: Endpoint,
  real: RealLine,
  line: DirectiveLine,
  first: boolean,
) => CheckDefinition | undefined;

/** Reads once what all real servers of a section have in common. */
export function checkBuilder(
  id: VirtualId,
  section: Section,
  context: ResolveContext,
): CheckBuilder {
  const own = section.body;
  const type = effective(d.checktype, own);
  const service = serviceOf(id, own);
  const protocol = 'fwmark' in id ? 'tcp' : id.protocol;
  const checkport = given(d.checkport, own);
  const timeouts = resolveTimeouts(own, context.globals);
  const attempts = effective(d.checkcount, own, context.globals);
  const kind = kindOf(type, protocol);
  const reportUnsupported = once(() => unsupported(kind, service, section, context));

  const passwd = secretText(d.passwdfile, own, context);
  const secret = secretText(d.secretfile, own, context);
  const { family } = id;
  const checkFrom = checkOrigin({ section, family, kind, service }, context);
  const from = checkFrom === undefined ? {} : { from: checkFrom };

  const ping = (target: Endpoint): PingCheck => ({
    type: 'ping',
    family: target.family,
    address: target.address,
    ...from,
    attempts,
    timeoutMs: timeouts.checkMs,
  });
  const at = (target: Endpoint): CheckTarget | undefined => {
    const virtualPort = 'fwmark' in id ? undefined : id.port;
    const own = target.port === 0 ? undefined : target.port;
    const port = checkport ?? own ?? portOfService(service) ?? virtualPort;
    return port === undefined ? undefined : { ...target, port, ...from };
  };
  const connect = (target: CheckTarget): ConnectCheck => ({
    type: 'connect',
    target,
    ...(service === 'mysql' && { mysqlLogin: loginWithoutPassword(own) }),
    timeoutMs: timeouts.checkMs,
  });
  const { hostname, globals } = context;
  // a service over SCTP can be asked over TCP at most
  const asked: 'tcp' | 'udp' = protocol === 'udp' ? 'udp' : 'tcp';
  const common = { service, protocol: asked, own, globals, timeouts, hostname, passwd, secret };
  const lookForQuery = sqlWarnings(section, context.report);
  const negotiate = (target: CheckTarget, real: RealLine): NegotiateCheck => {
    const check = negotiateCheck({ ...common, target, real });
    lookForQuery(check);
    return check;
  };
  const missingPort = (line: DirectiveLine): undefined => {
    const message =
      'nothing says which port to check: give the real server a port, or set checkport';
    valueReport(context.report, line).error('checkport', message);
    return undefined;
  };

  return (target, real, line, first) => {
    if (reportUnsupported()) return undefined;
    if (kind === 'on' || kind === 'off') return { type: kind };
    if (kind === 'ping') return ping(target);
    if (kind === 'external' || kind === 'external-perl') {
      const command = effective(d.checkcommand, own);
      return { type: kind, command, args: externalArgs(id, target), timeoutMs: timeouts.checkMs };
    }
    const needsPort = kind !== 'negotiate' || service !== 'none';
    const checked = at(target) ?? (needsPort ? undefined : target);
    if (checked === undefined) return first ? missingPort(line) : undefined;
    if (kind === 'connect') return connect(checked);
    if (kind === 'negotiate') return negotiate(checked, real);
    return {
      type: 'combined',
      connects: kind.connects,
      connect: connect(checked),
      negotiate: negotiate(checked, real),
    };
  };
}

/** The first line of the file that a directive names; undefined without one, or after an error. */
function secretText(
  directive: Directive<string>,
  own: readonly DirectiveLine[],
  { report, readSecret }: ResolveContext,
): string | undefined {
  const setting = lastSetting(own, directive);
  if (setting === undefined) return undefined;
  const found = readSecret(setting.value);
  if (found.kind === 'read') return found.text;
  valueReport(report, setting.line).error('unreadable', `cannot be read: ${found.reason}`);
  return undefined;
}

/** A user who has a password is not tried without it: some servers lock them out after a while. */
function loginWithoutPassword(own: readonly DirectiveLine[]): string {
  const hasPassword = given(d.passwd, own) ?? given(d.passwdfile, own);
  return hasPassword === undefined ? (given(d.login, own) ?? '') : '';
}

/** What really runs: only of tcp a connection's coming about can be seen. */
function kindOf(type: CheckTypeWord, protocol: TransportProtocol): CheckTypeWord {
  if (typeof type === 'object') {
    return type.connects === 0 || protocol !== 'tcp' ? 'negotiate' : type;
  }
  return type === 'connect' && protocol !== 'tcp' ? 'ping' : type;
}

/** VIP or mark, its port (0 for marks), real server, its own port; IPv6 in brackets. */
function externalArgs(id: VirtualId, real: Endpoint): readonly [string, string, string, string] {
  const bracketed = ({ family, address }: Pick<Endpoint, 'family' | 'address'>): string =>
    family === 'inet6' ? `[${address}]` : address;
  const virtual = 'fwmark' in id ? [String(id.fwmark), '0'] : [bracketed(id), String(id.port)];
  const [vip = '', vport = ''] = virtual;
  return [vip, vport, bracketed(real), String(real.port)];
}

/** A server that cannot be checked must not get traffic: better no start than a blind one. */
function unsupported(
  kind: CheckTypeWord,
  service: NegotiateService,
  { head, body }: Section,
  { report, missingPackage }: ResolveContext,
): boolean {
  const type = typeof kind === 'object' ? kind.kind : kind;
  if (type !== 'negotiate' && type !== 'combined') return false;
  const missing = missingPackage(service);
  if (missing === undefined) return false;
  const line = lastSetting(body, d.service)?.line ?? head;
  const message = `service: "${service}" needs the npm package "${missing}", which is not installed`;
  report.error(line, 'unsupported', message, nameStretch(line));
  return true;
}

function once<T>(run: () => T): () => T {
  let result: { readonly value: T } | undefined;
  return () => {
    result ??= { value: run() };
    return result.value;
  };
}
