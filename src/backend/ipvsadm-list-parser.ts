import { destinationKey, serviceKey } from '../ipvs-netlink/keys.ts';
import type { DestinationId, ServiceId, TransportProtocol } from '../ipvs-netlink/model.ts';
import { parseEndpoint, parseMark, parseServiceAddress } from './ipvsadm-address.ts';

/** The numbers behind each service and destination of a listing, in the listing's columns. */
export type Listing = ReadonlyMap<string, readonly bigint[]>;

const PROTOCOLS: Readonly<Record<string, TransportProtocol>> = {
  TCP: 'tcp',
  UDP: 'udp',
  SCTP: 'sctp',
};

/**
 * Reads what `ipvsadm -Ln` prints together with one of --thresholds, --persistent-conn, or --stats
 * and --rate (with --exact). Rows of services carry numbers in the last two only.
 *
 * @returns a row for each service and destination, under the key that listingKey gives.
 * @throws Error with the line when it is not of that form.
 */
export function parseListing(text: string): Listing {
  const rows = new Map<string, readonly bigint[]>();
  let service: ServiceId | undefined;
  for (const line of text.split('\n')) {
    if (isHeading(line)) continue;
    const [first = '', second = '', ...rest] = line.trim().split(/\s+/);
    if (first === '->') {
      const destination = parseEndpoint(second);
      if (service === undefined || destination === undefined) throw unreadable(line);
      rows.set(
        listingKey(service, destination),
        rest.map((column) => readNumber(column, line)),
      );
    } else {
      service = readService(first, second, rest[0]);
      if (service === undefined) throw unreadable(line);
      const columns = rest[0] === 'IPv6' ? rest.slice(1) : rest;
      rows.set(listingKey(service), columns.every(isNumber) ? columns.map(BigInt) : []);
    }
  }
  return rows;
}

/** Where a listing keeps the numbers of a service or of one of its destinations. */
export function listingKey(service: ServiceId, destination?: DestinationId): string {
  const key = serviceKey(service);
  return destination === undefined ? key : `${key} -> ${destinationKey(destination)}`;
}

function isHeading(line: string): boolean {
  return /^(?:\s*$|IP Virtual Server |Prot | {2}-> RemoteAddress:Port)/.test(line);
}

/** `TCP 10.0.0.1:80`, `FWM 5`, `FWM 5 IPv6` */
function readService(word: string, name: string, third = ''): ServiceId | undefined {
  if (word === 'FWM') {
    const fwmark = parseMark(name);
    if (fwmark === undefined) return undefined;
    return { family: third === 'IPv6' ? 'inet6' : 'inet', fwmark };
  }
  const protocol = PROTOCOLS[word];
  return protocol === undefined ? undefined : parseServiceAddress(protocol, name);
}

function readNumber(column: string, line: string): bigint {
  if (!isNumber(column)) throw unreadable(line);
  return BigInt(column);
}

function isNumber(column: string): boolean {
  return /^\d+$/.test(column);
}

function unreadable(line: string): Error {
  return new Error(`ipvsadm -Ln: expected a service or server with its numbers, got "${line}"`);
}
