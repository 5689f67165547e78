import type {
  Destination,
  DestinationId,
  Service,
  ServiceId,
  Table,
} from '../../src/ipvs-netlink/model.ts';

export const web: ServiceId = { family: 'inet', protocol: 'tcp', address: '10.9.0.30', port: 80 };
export const webAt: (port: number) => ServiceId = (port) => ({ ...web, port });
export const dns: ServiceId = { family: 'inet', protocol: 'udp', address: '10.9.0.30', port: 53 };
export const web6: ServiceId = { family: 'inet6', protocol: 'tcp', address: 'fd00::30', port: 80 };
export const mark: ServiceId = { family: 'inet', fwmark: 5 };
export const mark6: ServiceId = { family: 'inet6', fwmark: 5 };

/** A plain rr service with those changes. */
export function service(id: ServiceId, changes: Partial<Service> = {}): Service {
  return {
    id,
    scheduler: 'rr',
    schedulerFlags: 0,
    persistenceTimeoutS: 0,
    persistenceNetmask: id.family === 'inet' ? '255.255.255.255' : '128',
    persistenceEngine: '',
    onePacket: false,
    ...changes,
  };
}

/** A masqueraded server of weight 1 with those changes. */
export function server(
  address: string,
  port: number,
  changes: Partial<Destination> = {},
): Destination {
  return {
    id: serverId(address, port),
    forwarding: 'masq',
    weight: 1,
    upperThreshold: 0,
    lowerThreshold: 0,
    ...changes,
  };
}

export function serverId(address: string, port: number): DestinationId {
  return { family: address.includes(':') ? 'inet6' : 'inet', address, port };
}

/** Each kind of service and of server once. */
export const sampleTable: Table = [
  {
    ...service(web, {
      scheduler: 'wrr',
      persistenceTimeoutS: 600,
      persistenceNetmask: '255.255.0.0',
    }),
    destinations: [
      server('10.9.0.2', 80, { forwarding: 'route', upperThreshold: 100, lowerThreshold: 50 }),
      server('10.9.0.3', 8080, { weight: 65535 }),
      server('10.9.0.3', 8081, { weight: 0 }),
      tunnelled('10.9.0.4', { type: 'ipip', port: 0, checksum: 'nocsum' }),
      tunnelled('10.9.0.5', { type: 'gue', port: 6080, checksum: 'csum' }),
      tunnelled('10.9.0.6', { type: 'gue', port: 6081, checksum: 'remcsum' }),
      tunnelled('10.9.0.7', { type: 'gre', port: 0, checksum: 'csum' }),
      tunnelled('fd00::7', { type: 'gre', port: 0, checksum: 'nocsum' }),
    ],
  },
  { ...service(webAt(81), { scheduler: 'sh', schedulerFlags: 0x18 }), destinations: [] },
  { ...service(webAt(82), { scheduler: 'mh', schedulerFlags: 0x10 }), destinations: [] },
  { ...service(webAt(83), { scheduler: 'wlc', schedulerFlags: 0x38 }), destinations: [] },
  {
    ...service(webAt(0), { persistenceTimeoutS: 60 }),
    destinations: [server('10.9.0.2', 0), server('10.9.0.3', 80)],
  },
  {
    ...service(dns, { onePacket: true }),
    destinations: [server('10.9.0.2', 53), server('10.9.0.3', 5353)],
  },
  {
    ...service(
      { family: 'inet', protocol: 'udp', address: '10.9.0.30', port: 5060 },
      { persistenceTimeoutS: 300, persistenceEngine: 'sip', onePacket: true },
    ),
    destinations: [],
  },
  {
    ...service({ family: 'inet', protocol: 'sctp', address: '10.9.0.30', port: 99 }),
    destinations: [server('10.9.0.2', 99)],
  },
  {
    ...service(web6, { persistenceTimeoutS: 30, persistenceNetmask: '64' }),
    destinations: [server('fd00::2', 80, { forwarding: 'route' }), server('fd00::3', 8080)],
  },
  {
    ...service(mark),
    destinations: [
      server('10.9.0.2', 0, { forwarding: 'route' }),
      server('10.9.0.3', 88, { forwarding: 'route' }),
    ],
  },
  { ...service(mark6, { persistenceTimeoutS: 1 }), destinations: [server('fd00::2', 0)] },
  { ...service({ family: 'inet', fwmark: 4294967295 }), destinations: [server('10.9.0.2', 80)] },
];

function tunnelled(address: string, tunnel: Destination['tunnel']): Destination {
  const changes: Partial<Destination> = tunnel === undefined ? {} : { tunnel };
  return server(address, 80, { forwarding: 'tunnel', ...changes });
}
