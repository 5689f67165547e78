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
  const operation = fc.oneof(
    { arbitrary: fc.constantFrom(...serviceIds).chain(arbitraryServiceOperation), weight: 2 },
    { arbitrary: fc.constantFrom(...serviceIds).chain(arbitraryDestinationOperation), weight: 5 },
  );
  const some = fc.array(operation, { minLength: 10, maxLength: 50, size: 'max' });
  return fc
    .tuple(fc.subarray([...serviceIds], { minLength: 3 }), some)
    .map(([first, rest]) => [...first.map(addPlain), ...rest]);
}

function addPlain(id: ServiceId): Operation {
  return { kind: 'add-service', service: plainService(id) };
}

function arbitraryServiceOperation(id: ServiceId): fc.Arbitrary<Operation> {
  const made = arbitraryService(id);
  return fc.oneof(
    made.map((service): Operation => ({ kind: 'add-service', service })),
    made.map((service): Operation => ({ kind: 'edit-service', service })),
    fc.constant<Operation>({ kind: 'delete-service', service: id }),
  );
}

function arbitraryDestinationOperation(service: ServiceId): fc.Arbitrary<Operation> {
  const kinds = fc.constantFrom(
    ...(['add-destination', 'add-destination', 'edit-destination', 'delete-destination'] as const),
  );
  return fc
    .tuple(kinds, arbitraryDestination())
    .map(
      ([kind, destination]): Operation =>
        kind === 'delete-destination'
          ? { kind, service, destination: destination.id }
          : { kind, service, destination },
    );
}

function arbitraryService(id: ServiceId): fc.Arbitrary<Service> {
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
    .map((changes) => ({ ...plainService(id), ...changes }));
}

function plainService(id: ServiceId): Service {
  return {
    id,
    scheduler: 'rr',
    schedulerFlags: 0,
    persistenceTimeoutS: 0,
    persistenceNetmask: id.family === 'inet' ? '255.255.255.255' : '128',
    persistenceEngine: '',
    onePacket: false,
  };
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
