import type {
  Destination,
  DestinationId,
  Operation,
  Service,
  ServiceId,
  Table,
  Tunnel,
} from '../ipvs-netlink/model.ts';
import { schedulerFlagWords } from './scheduler-flags.ts';
import { asIpvsadm, sortDestinations, sortServices } from './table-order.ts';

/** What ipvsadm 1.31 calls things; it has no words for local and bypass forwarding. */
const PROTOCOL_OPTIONS = { tcp: '-t', udp: '-u', sctp: '--sctp-service' } as const;
const FORWARDING_OPTIONS = {
  masq: '-m',
  tunnel: '-i',
  route: '-g',
  local: '-g',
  bypass: '-g',
} as const;

/**
 * An operation as the arguments of ipvsadm (ipvsadm(8)), the command's name not included:
 * `-a -t 10.9.0.30:80 -r 10.9.0.2:80 -g -w 1`. Thresholds are named when one of them is set, and
 * the tunnel type when it is not ipip, so that the words suit old releases as well.
 */
export function operationWords(operation: Operation): readonly string[] {
  switch (operation.kind) {
    case 'add-service':
      return ['-A', ...serviceWords(operation.service)];
    case 'edit-service':
      return ['-E', ...serviceWords(operation.service)];
    case 'delete-service':
      return ['-D', ...serviceIdWords(operation.service)];
    case 'add-destination':
      return ['-a', ...changedDestination(operation.service, operation.destination)];
    case 'edit-destination':
      return ['-e', ...changedDestination(operation.service, operation.destination)];
    case 'delete-destination':
      return ['-d', ...destinationIdWords(operation.service, operation.destination)];
  }
}

/**
 * A table as the lines of `ipvsadm -Sn`, in its order and without thresholds, which that command
 * does not print.
 */
export function savedTableLines(table: Table): readonly string[] {
  return sortServices(table, asIpvsadm).flatMap((service) => {
    const id = printedId(service.id);
    return [
      ['-A', ...serviceWords({ ...service, id })].join(' '),
      ...sortDestinations(service.destinations, asIpvsadm).map((destination) =>
        ['-a', ...savedDestination(id, destination)].join(' '),
      ),
    ];
  });
}

/** ipvsadm prints marks as signed numbers (and reads them unsigned). */
function printedId(id: ServiceId): ServiceId {
  return 'fwmark' in id ? { ...id, fwmark: id.fwmark | 0 } : id;
}

function serviceWords(service: Service): readonly string[] {
  const flags = schedulerFlagWords(service.scheduler, service.schedulerFlags);
  return [
    ...serviceIdWords(service.id),
    '-s',
    service.scheduler,
    ...persistenceWords(service),
    ...(service.persistenceEngine === '' ? [] : ['--pe', service.persistenceEngine]),
    ...(service.onePacket ? ['-o'] : []),
    ...(flags.length === 0 ? [] : ['-b', flags.join(',')]),
  ];
}

function persistenceWords(service: Service): readonly string[] {
  const { persistenceTimeoutS, persistenceNetmask, id } = service;
  if (persistenceTimeoutS === 0) return [];
  const wholeMask = id.family === 'inet' ? '255.255.255.255' : '128';
  const mask = persistenceNetmask === wholeMask ? [] : ['-M', persistenceNetmask];
  return ['-p', String(persistenceTimeoutS), ...mask];
}

function serviceIdWords(id: ServiceId): readonly string[] {
  if ('fwmark' in id) {
    return ['-f', String(id.fwmark), ...(id.family === 'inet6' ? ['-6'] : [])];
  }
  return [PROTOCOL_OPTIONS[id.protocol], endpoint(id.address, id.port)];
}

function changedDestination(service: ServiceId, destination: Destination): readonly string[] {
  const { upperThreshold, lowerThreshold, tunnel } = destination;
  const isLimited = upperThreshold !== 0 || lowerThreshold !== 0;
  return [
    ...destinationWords(service, destination),
    ...(isLimited ? ['-x', String(upperThreshold), '-y', String(lowerThreshold)] : []),
    ...(tunnel === undefined || tunnel.type === 'ipip' ? [] : tunnelWords(tunnel)),
  ];
}

function savedDestination(service: ServiceId, destination: Destination): readonly string[] {
  const { tunnel } = destination;
  return [
    ...destinationWords(service, destination),
    ...(tunnel === undefined ? [] : tunnelWords(tunnel)),
  ];
}

function destinationWords(service: ServiceId, destination: Destination): readonly string[] {
  return [
    ...destinationIdWords(service, destination.id),
    FORWARDING_OPTIONS[destination.forwarding],
    '-w',
    String(destination.weight),
  ];
}

/** The port belongs to gue alone, a checksum to gue and gre; ipvsadm refuses others. */
function tunnelWords({ type, port, checksum }: Tunnel): readonly string[] {
  return [
    '--tun-type',
    type,
    ...(type === 'gue' ? ['--tun-port', String(port)] : []),
    ...(type === 'ipip' ? [] : [`--tun-${checksum}`]),
  ];
}

function destinationIdWords(service: ServiceId, id: DestinationId): readonly string[] {
  return [...serviceIdWords(service), '-r', endpoint(id.address, id.port)];
}

function endpoint(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
