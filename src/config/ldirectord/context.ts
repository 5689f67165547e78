import type { NegotiateService } from '../check-model.ts';
import type { AddressFamily, Endpoint, TransportProtocol } from '../endpoint.ts';
import type { CheckDefinitions } from './check-block.ts';
import { type NameTable, pending } from './name-table.ts';
import { type Report, type Stretch, valueReport } from './report.ts';
import type { SecretText } from './secret-table.ts';
import type { DirectiveLine, ServerPart } from './syntax.ts';
import { familyWord, type Host, type Located, type Port } from './values/host.ts';

/** Tells which npm package a service needs and lacks. */
export type MissingPackage = (service: NegotiateService) => string | undefined;

/** What resolving needs besides the lines themselves. */
export interface ResolveContext {
  readonly report: Report;
  readonly names: NameTable;
  /** Lines that apply to all sections. */
  readonly globals: readonly DirectiveLine[];
  /** What belongs to global fallbacks alone. */
  readonly servers: readonly ServerPart[];
  /** The checks that have a name. */
  readonly definitions: CheckDefinitions;
  /** Name of this machine, for the default logins of ftp and sip, and for HELO. */
  readonly hostname: string;
  readonly missingPackage: MissingPackage;
  /** Reads the file that passwdfile or secretfile names. */
  readonly readSecret: (path: string) => SecretText;
  /** The included file that a line stands in; undefined for one of the main file. */
  readonly includedFile: (line: DirectiveLine) => string | undefined;
}

/** A line as another one speaks of it. */
export function placeOf(
  line: DirectiveLine,
  from: DirectiveLine,
  includedFile: ResolveContext['includedFile'],
): string {
  const file = includedFile(line);
  if (file === includedFile(from)) return `line ${line.number}`;
  return `line ${line.number} of ${file === undefined ? 'the main file' : `"${file}"`}`;
}

/** Where an unfinished lookup leaves a value; such a pass is thrown away. */
const notYet = { inet: '0.0.0.0', inet6: '::' } as const;

/**
 * The address of a host, looked up if it is a name.
 *
 * @returns undefined after an error was reported.
 */
export function addressOf(
  host: Located<Host>,
  line: DirectiveLine,
  context: ResolveContext,
): Pick<Endpoint, 'family' | 'address'> | undefined {
  const { value, at } = host;
  if (value.kind === 'address') return { family: value.family, address: value.address };
  const address = context.names.address(value.name, value.family);
  if (address === pending) return { family: value.family, address: notYet[value.family] };
  if (address !== undefined) return { family: value.family, address };
  valueReport(context.report, line).error(
    'name',
    `"${value.name}" does not resolve to an ${familyWord(value.family)} address`,
    at,
  );
  return undefined;
}

/**
 * The number of a port, looked up if it is a name.
 *
 * @param protocols - tried in this order.
 */
export function portOf(
  port: Located<Port>,
  protocols: readonly TransportProtocol[],
  line: DirectiveLine,
  context: ResolveContext,
): number | undefined {
  if (port.value.kind === 'number') return port.value.port;
  const { name } = port.value;
  for (const protocol of protocols) {
    const found = context.names.port(name, protocol);
    if (found === pending) return 0;
    if (found !== undefined) return found;
  }
  const where = protocols.join(' or ');
  valueReport(context.report, line).error(
    'port',
    `expected a port 0..65535 or a known ${where} service name, got "${name}"`,
    port.at,
  );
  return undefined;
}

/** Where names of ports are looked up: few of SCTP have an entry of their own. */
export function portProtocols(protocol: TransportProtocol): readonly TransportProtocol[] {
  return protocol === 'sctp' ? ['sctp', 'tcp'] : [protocol];
}

/** Addresses of real servers and fallbacks must be of the family of their virtual server. */
export function hasFamily(
  host: Located<Host>,
  family: AddressFamily,
  line: DirectiveLine,
  context: ResolveContext,
): boolean {
  if (host.value.family === family) return true;
  const [is, want] = [familyWord(host.value.family), familyWord(family)];
  const at: Stretch = host.at;
  valueReport(context.report, line).error(
    'family',
    `expected an ${want} address like that of the virtual server, got an ${is} one`,
    at,
  );
  return false;
}
