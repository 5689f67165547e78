import fc from 'fast-check';
import type {
  Destination,
  DestinationId,
  Operation,
  Service,
  ServiceId,
} from '../../src/ipvs-netlink/model.ts';

const serviceIds: readonly ServiceId[] = [
  { family: 'inet', protocol: 'tcp', address: '10.9.0.30', port: 80 },
  { family: 'inet', protocol: 'udp', address: '10.9.0.30', port: 80 },
  { family: 'inet6', protocol: 'tcp', address: 'fd00::30', port: 80 },
  { family: 'inet', fwmark: 7 },
  { family: 'inet6', fwmark: 7 },
];

const destinationIds: readonly DestinationId[] = [
  { family: 'inet', address: '10.9.0.2', port: 80 },
  { family: 'inet', address: '10.9.0.3', port: 80 },
  { family: 'inet', address: '224.0.0.1', port: 80 },
  { family: 'inet6', address: 'fd00::2', port: 80 },
  { family: 'inet6', address: 'fe80::2', port: 80 },
];

/** Lists of operations on few services and servers, so that many of them meet, and many are wrong. */
export function arbitraryOperations(): fc.Arbitrary<readonly Operation[]> {
  const service = fc.constantFrom(...serviceIds);
  const operation = fc.oneof(
    service
      .chain(arbitraryService)
      .map((made): Operation => ({ kind: 'add-service', service: made })),
    service
      .chain(arbitraryService)
      .map((made): Operation => ({ kind: 'edit-service', service: made })),
    {
      arbitrary: service.map((id): Operation => ({ kind: 'delete-service', service: id })),
      weight: 1,
    },
    {
      arbitrary: fc
        .tuple(
          fc.constantFrom('add-destination' as const, 'edit-destination' as const),
          service,
          arbitraryDestination(),
        )
        .map(([kind, id, destination]): Operation => ({ kind, service: id, destination })),
      weight: 4,
    },
    fc.tuple(service, fc.constantFrom(...destinationIds)).map(
      ([id, destination]): Operation => ({
        kind: 'delete-destination',
        service: id,
        destination,
      }),
    ),
  );
  return fc.array(operation, { maxLength: 40, size: 'max' });
}

function arbitraryService(id: ServiceId): fc.Arbitrary<Service> {
  const whole = id.family === 'inet' ? '255.255.255.255' : '128';
  return fc
    .constantFrom<Partial<Service>>(
      {},
      { scheduler: 'wlc' },
      { scheduler: 'nosuch' },
      { scheduler: 'mh', schedulerFlags: 0x10 },
      { persistenceTimeoutS: 30 },
      { persistenceTimeoutS: 30, persistenceNetmask: id.family === 'inet' ? '255.0.0.0' : '48' },
      { persistenceTimeoutS: 30, persistenceNetmask: id.family === 'inet' ? '0.0.0.0' : '0' },
      { persistenceTimeoutS: 30, persistenceEngine: 'nosuch' },
    )
    .map((changes) => ({
      id,
      scheduler: 'rr',
      schedulerFlags: 0,
      persistenceTimeoutS: 0,
      persistenceNetmask: whole,
      persistenceEngine: '',
      onePacket: false,
      ...changes,
    }));
}

function arbitraryDestination(): fc.Arbitrary<Destination> {
  return fc
    .tuple(
      fc.constantFrom(...destinationIds),
      fc.constantFrom<Partial<Destination>>(
        { forwarding: 'masq' },
        { forwarding: 'route' },
        { forwarding: 'tunnel', tunnel: { type: 'ipip', port: 0, checksum: 'nocsum' } },
        { forwarding: 'tunnel', tunnel: { type: 'gue', port: 6080, checksum: 'csum' } },
        { forwarding: 'tunnel', tunnel: { type: 'gue', port: 0, checksum: 'csum' } },
        { weight: -1 },
        { weight: 2147483647 },
        { upperThreshold: 9, lowerThreshold: 9 },
        { upperThreshold: 9, lowerThreshold: 10 },
      ),
    )
    .map(([id, changes]) => ({
      id,
      forwarding: 'masq',
      weight: 1,
      upperThreshold: 0,
      lowerThreshold: 0,
      ...changes,
    }));
}
