import { serviceKey } from '../ipvs-netlink/keys.ts';
import type {
  Destination,
  ForwardingMethod,
  Service,
  ServiceId,
  Table,
  TransportProtocol,
  Tunnel,
  TunnelChecksum,
} from '../ipvs-netlink/model.ts';
import { parseEndpoint, parseMark, parseServiceAddress } from './ipvsadm-address.ts';
import { schedulerFlagBits } from './scheduler-flags.ts';

const PROTOCOLS: Readonly<Record<string, TransportProtocol>> = {
  '-t': 'tcp',
  '-u': 'udp',
  '--sctp-service': 'sctp',
};
/** ipvsadm 1.31 has no word for bypass and prints a null pointer; local servers come out as -g. */
const FORWARDING: Readonly<Record<string, ForwardingMethod>> = {
  '(null)': 'bypass',
  '-g': 'route',
  '-m': 'masq',
  '-i': 'tunnel',
};
const CHECKSUMS: Readonly<Record<string, TunnelChecksum>> = {
  '--tun-nocsum': 'nocsum',
  '--tun-csum': 'csum',
  '--tun-remcsum': 'remcsum',
};
const TUNNEL_TYPES: Readonly<Record<string, Tunnel['type']>> = {
  ipip: 'ipip',
  gue: 'gue',
  gre: 'gre',
};

/**
 * Reads what `ipvsadm -Sn` prints. Thresholds are not in it and come out as 0.
 *
 * @throws Error with the line when it is not of that form.
 */
export function parseSavedTable(text: string): Table {
  const services = new Map<string, { readonly service: Service; destinations: Destination[] }>();
  for (const line of text.split('\n')) {
    if (line.trim() === '') continue;
    const options = readOptions(line);
    const id = readServiceId(options, line);
    if (options.has('-A')) {
      services.set(serviceKey(id), { service: readService(id, options, line), destinations: [] });
    } else {
      const destinations = services.get(serviceKey(id))?.destinations;
      if (destinations === undefined) throw unreadable(line, 'its service in a line before');
      destinations.push(readDestination(options, line));
    }
  }
  return [...services.values()].map(({ service, destinations }) => ({ ...service, destinations }));
}

/** Options to their values, "" for those that have none; all values of ipvsadm are one word. */
function readOptions(line: string): ReadonlyMap<string, string> {
  const options = new Map<string, string>();
  const words = line.trim().split(/\s+/);
  for (let at = 0; at < words.length; at += 1) {
    const option = words[at] ?? '';
    const next = words[at + 1] ?? '-';
    const isValue = !next.startsWith('-') || (option === '-f' && parseMark(next) !== undefined);
    options.set(option, isValue ? next : '');
    if (isValue) at += 1;
  }
  return options;
}

function readServiceId(options: ReadonlyMap<string, string>, line: string): ServiceId {
  const mark = options.get('-f');
  if (mark !== undefined) {
    const fwmark = parseMark(mark);
    if (fwmark === undefined) throw unreadable(line, 'a firewall mark after -f');
    return { family: options.has('-6') ? 'inet6' : 'inet', fwmark };
  }
  for (const [option, protocol] of Object.entries(PROTOCOLS)) {
    const id = parseServiceAddress(protocol, options.get(option) ?? '');
    if (id !== undefined) return id;
  }
  throw unreadable(line, 'a service after -t, -u, --sctp-service or -f');
}

function readService(id: ServiceId, options: ReadonlyMap<string, string>, line: string): Service {
  const scheduler = options.get('-s');
  if (!scheduler) throw unreadable(line, 'a scheduler after -s');
  return {
    id,
    scheduler,
    schedulerFlags: schedulerFlagBits(scheduler, (options.get('-b') ?? '').split(',')),
    persistenceTimeoutS: readNumber(options, '-p', line),
    persistenceNetmask: options.get('-M') ?? (id.family === 'inet' ? '255.255.255.255' : '128'),
    persistenceEngine: options.get('--pe') ?? '',
    onePacket: options.has('-o'),
  };
}

function readDestination(options: ReadonlyMap<string, string>, line: string): Destination {
  const id = parseEndpoint(options.get('-r') ?? '');
  const forwarding = firstOf(FORWARDING, options);
  if (id === undefined) throw unreadable(line, 'a server after -r');
  if (forwarding === undefined) throw unreadable(line, 'one of -g, -m, -i');
  return {
    id,
    forwarding,
    weight: readNumber(options, '-w', line),
    upperThreshold: 0,
    lowerThreshold: 0,
    ...(forwarding === 'tunnel' ? { tunnel: readTunnel(options, line) } : {}),
  };
}

/** Releases before 1.31 know ipip only and name no type. */
function readTunnel(options: ReadonlyMap<string, string>, line: string): Tunnel {
  const type = TUNNEL_TYPES[options.get('--tun-type') ?? 'ipip'];
  if (type === undefined) throw unreadable(line, 'ipip, gue or gre after --tun-type');
  const checksum = firstOf(CHECKSUMS, options) ?? 'nocsum';
  return { type, port: readNumber(options, '--tun-port', line), checksum };
}

function firstOf<T>(
  values: Readonly<Record<string, T>>,
  options: ReadonlyMap<string, string>,
): T | undefined {
  return Object.entries(values).find(([option]) => options.has(option))?.[1];
}

function readNumber(options: ReadonlyMap<string, string>, option: string, line: string): number {
  const text = options.get(option) ?? '0';
  if (!/^\d+$/.test(text)) throw unreadable(line, `a number after ${option}`);
  return Number(text);
}

function unreadable(line: string, expected: string): Error {
  return new Error(`ipvsadm -Sn: expected ${expected}, got "${line}"`);
}
