import type { Operation, Table } from '../../src/ipvs-netlink/model.ts';
import { dns, mark6, server, serverId, service, web, web6, webAt } from './sample-table.ts';

const presentServer = server('10.9.0.2', 80);

/** What is in the table when the refused operations come. */
export const present: Table = [
  { ...service(web), destinations: [presentServer] },
  { ...service(web6), destinations: [server('fd00::2', 80)] },
];
/** Operations that the kernel refuses on that table, by what is wrong with them. */
export const refused: Readonly<Record<string, Operation>> = {
  'a service that is there': { kind: 'add-service', service: service(web) },
  'a server that is there': {
    kind: 'add-destination',
    service: web,
    destination: { ...presentServer, weight: 9 },
  },
  'editing an unknown service': { kind: 'edit-service', service: service(webAt(81)) },
  'deleting an unknown service': { kind: 'delete-service', service: webAt(81) },
  'deleting a mark of the other family': { kind: 'delete-service', service: mark6 },
  'a server of an unknown service': {
    kind: 'add-destination',
    service: webAt(81),
    destination: presentServer,
  },
  'editing a server of an unknown service': {
    kind: 'edit-destination',
    service: webAt(81),
    destination: presentServer,
  },
  'deleting a server of an unknown service': {
    kind: 'delete-destination',
    service: webAt(81),
    destination: presentServer.id,
  },
  'editing an unknown server': {
    kind: 'edit-destination',
    service: web,
    destination: server('10.9.0.2', 81),
  },
  'deleting an unknown server': {
    kind: 'delete-destination',
    service: web,
    destination: serverId('10.9.0.3', 80),
  },
  'an unknown scheduler': {
    kind: 'add-service',
    service: service(webAt(81), { scheduler: 'nosuch' }),
  },
  'editing to an unknown scheduler': {
    kind: 'edit-service',
    service: service(web, { scheduler: 'nosuch' }),
  },
  'an unknown persistence engine': {
    kind: 'add-service',
    service: service(dns, { persistenceTimeoutS: 9, persistenceEngine: 'nosuch' }),
  },
  'a scheduler with a command in it': {
    kind: 'add-service',
    service: service(webAt(81), { scheduler: 'rr\n-C' }),
  },
  'an IPv6 netmask of 0': {
    kind: 'edit-service',
    service: service(web6, { persistenceTimeoutS: 9, persistenceNetmask: '0' }),
  },
  'an IPv6 netmask of 129': {
    kind: 'edit-service',
    service: service(web6, { persistenceTimeoutS: 9, persistenceNetmask: '129' }),
  },
  'a lower threshold above the upper': editOf({ upperThreshold: 5, lowerThreshold: 6 }),
  'a lower threshold without upper': editOf({ lowerThreshold: 1 }),
  'a negative weight': editOf({ weight: -1 }),
  'a weight of 2^31': editOf({ weight: 2 ** 31 }),
  'a weight that is no whole number': editOf({ weight: 1.5 }),
  'a gue tunnel without port': editOf({
    forwarding: 'tunnel',
    tunnel: { type: 'gue', port: 0, checksum: 'nocsum' },
  }),
  'another family without tunnel': addOf('fd00::9'),
  'the address 0.0.0.0': addOf('0.0.0.0'),
  'a multicast address': addOf('224.0.0.1'),
  'the broadcast address': addOf('255.255.255.255'),
  'the address ::': addOf('::', web6),
  'a link-local address': addOf('fe80::1', web6),
  'an IPv6 multicast address': addOf('ff02::1', web6),
  'a mapped address': addOf('::ffff:10.9.0.2', web6),
};

function editOf(change: Parameters<typeof server>[2]): Operation {
  return { kind: 'edit-destination', service: web, destination: server('10.9.0.2', 80, change) };
}

function addOf(address: string, to = web): Operation {
  return { kind: 'add-destination', service: to, destination: server(address, 80) };
}
