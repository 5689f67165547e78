import type { NegotiateService } from '../check-model.ts';
import type { VirtualId } from '../model.ts';
import { directives as d } from './directives.ts';
import { given } from './settings.ts';
import type { DirectiveLine } from './syntax.ts';

/** Usual ports, both ways: they pick the service of a virtual and the port of a check. */
const ports: readonly (readonly [number, NegotiateService])[] = [
  [21, 'ftp'],
  [25, 'smtp'],
  [53, 'dns'],
  [80, 'http'],
  [110, 'pop'],
  [119, 'nntp'],
  [143, 'imap'],
  [389, 'ldap'],
  [443, 'https'],
  [587, 'submission'],
  [636, 'ldaps'],
  [993, 'imaps'],
  [995, 'pops'],
  [1521, 'oracle'],
  [1812, 'radius'],
  [3128, 'http_proxy'],
  [3306, 'mysql'],
  [5060, 'sip'],
  [5432, 'pgsql'],
];

/**
 * The service of a virtual server: what its section says, else what its port is for; behind a
 * firewall mark, or over SCTP, none.
 */
export function serviceOf(id: VirtualId, own: readonly DirectiveLine[]): NegotiateService {
  const port = 'fwmark' in id || id.protocol === 'sctp' ? undefined : id.port;
  return given(d.service, own) ?? (port === undefined ? 'none' : serviceOfPort(port));
}

function serviceOfPort(port: number): NegotiateService {
  return ports.find(([known]) => known === port)?.[1] ?? 'none';
}

/** @returns undefined for none and simpletcp, which have no port of their own. */
export function portOfService(service: NegotiateService): number | undefined {
  return ports.find(([, known]) => known === service)?.[0];
}
