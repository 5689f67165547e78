import fc from 'fast-check';
import { destinationKey, serviceKey } from '../../src/ipvs-netlink/keys.ts';
import type {
  AddressFamily,
  Destination,
  DestinationId,
  ForwardingMethod,
  Service,
  ServiceId,
  Table,
  TableService,
  TransportProtocol,
  Tunnel,
} from '../../src/ipvs-netlink/model.ts';

/** What a generated table may contain, where not every tool can say everything. */
export interface TableLimits {
  readonly maxServices?: number;
  readonly maxDestinations?: number;
  readonly thresholds?: boolean;
}

/** Any table that the kernel and ipvsadm both take and that both give back as it was. */
export function arbitraryTable(limits: TableLimits = {}): fc.Arbitrary<Table> {
  return fc.uniqueArray(arbitraryTableService(limits), {
    maxLength: limits.maxServices ?? 6,
    selector: (service) => serviceKey(service.id),
  });
}

function arbitraryTableService(limits: TableLimits): fc.Arbitrary<TableService> {
  return arbitraryService().chain((service) =>
    fc
      .uniqueArray(arbitraryDestination(service.id, limits), {
        maxLength: limits.maxDestinations ?? 5,
        selector: (destination) => destinationKey(destination.id),
      })
      .map((destinations) => ({ ...service, destinations })),
  );
}

function arbitraryService(): fc.Arbitrary<Service> {
  return fc.constantFrom<AddressFamily>('inet', 'inet6').chain((family) =>
    record({
      id: fc.oneof(addressServiceId(family), markId(family)),
      scheduling: scheduling(),
      persistence: persistence(family),
      onePacket: fc.boolean(),
    })
      .filter(({ id, persistence }) => 'fwmark' in id || id.port > 0 || hasTimeout(persistence))
      .map(({ id, scheduling, persistence, onePacket }) => ({
        id,
        ...scheduling,
        ...persistence,
        onePacket: onePacket && ('fwmark' in id || id.protocol === 'udp'),
      })),
  );
}

function addressServiceId(family: AddressFamily): fc.Arbitrary<ServiceId> {
  return record({
    family: fc.constant(family),
    protocol: fc.constantFrom<TransportProtocol>('tcp', 'udp', 'sctp'),
    address: family === 'inet' ? quad() : inet6(),
    port: port(),
  });
}

function markId(family: AddressFamily): fc.Arbitrary<ServiceId> {
  return record({
    family: fc.constant(family),
    fwmark: fc.integer({ min: 1, max: 2 ** 32 - 1 }),
  });
}

/** Every scheduler carries flags; ipvsadm shows a third one not under sh and mh. */
function scheduling(): fc.Arbitrary<Pick<Service, 'scheduler' | 'schedulerFlags'>> {
  return record({
    scheduler: fc.constantFrom('rr', 'wrr', 'lc', 'wlc', 'sh', 'mh', 'sed', 'nq', 'fo'),
    schedulerFlags: fc.integer({ min: 0, max: 3 }).map((bits) => bits << 3),
  });
}

type Persistence = Pick<
  Service,
  'persistenceTimeoutS' | 'persistenceNetmask' | 'persistenceEngine'
>;

function hasTimeout(persistence: Persistence): boolean {
  return persistence.persistenceTimeoutS > 0;
}

/** ipvsadm takes 31 days at most, and shows a netmask only together with a timeout. */
function persistence(family: AddressFamily): fc.Arbitrary<Persistence> {
  const whole = family === 'inet' ? '255.255.255.255' : '128';
  return fc.oneof(
    fc.constant({ persistenceTimeoutS: 0, persistenceNetmask: whole, persistenceEngine: '' }),
    record({
      persistenceTimeoutS: fc.integer({ min: 1, max: 31 * 24 * 3600 }),
      persistenceNetmask:
        family === 'inet'
          ? fc.constantFrom(whole, '255.255.255.0', '255.128.0.0', '0.0.0.0')
          : fc.integer({ min: 1, max: 128 }).map(String),
      persistenceEngine: fc.constantFrom('', 'sip'),
    }),
  );
}

function arbitraryDestination(service: ServiceId, limits: TableLimits): fc.Arbitrary<Destination> {
  return fc.constantFrom<ForwardingMethod>('masq', 'route', 'tunnel').chain((forwarding) =>
    record({
      id: destinationId(service, forwarding),
      weight: fc.integer({ min: 0, max: 65535 }),
      thresholds: thresholds(limits),
      tunnel: arbitraryTunnel(),
    }).map(({ id, weight, thresholds, tunnel }) => ({
      id,
      forwarding,
      weight,
      ...thresholds,
      ...(forwarding === 'tunnel' ? { tunnel } : {}),
    })),
  );
}

/** ipvsadm gives routed and tunnelled servers the port of their tcp or udp service. */
function destinationId(
  service: ServiceId,
  forwarding: ForwardingMethod,
): fc.Arbitrary<DestinationId> {
  const isPortFree = forwarding === 'masq' || 'fwmark' in service;
  const families: readonly AddressFamily[] =
    forwarding === 'tunnel' ? ['inet', 'inet6'] : [service.family];
  return fc.constantFrom(...families).chain((family) =>
    record({
      family: fc.constant(family),
      address: family === 'inet' ? quad() : inet6(),
      port: isPortFree ? port() : fc.constant(service.port),
    }),
  );
}

function thresholds(
  limits: TableLimits,
): fc.Arbitrary<Pick<Destination, 'upperThreshold' | 'lowerThreshold'>> {
  if (limits.thresholds === false) return fc.constant({ upperThreshold: 0, lowerThreshold: 0 });
  return fc
    .tuple(fc.nat({ max: 65535 }), fc.nat({ max: 65535 }))
    .map(([a, b]) => ({ upperThreshold: Math.max(a, b), lowerThreshold: Math.min(a, b) }));
}

function arbitraryTunnel(): fc.Arbitrary<Tunnel> {
  return fc.oneof(
    fc.constant<Tunnel>({ type: 'ipip', port: 0, checksum: 'nocsum' }),
    record({
      type: fc.constant('gue' as const),
      port: fc.integer({ min: 1, max: 65535 }),
      checksum: fc.constantFrom('nocsum' as const, 'csum' as const, 'remcsum' as const),
    }),
    record({
      type: fc.constant('gre' as const),
      port: fc.constant(0),
      checksum: fc.constantFrom('nocsum' as const, 'csum' as const),
    }),
  );
}

function port(): fc.Arbitrary<number> {
  return fc.oneof(fc.constantFrom(0, 80, 65535), fc.integer({ min: 0, max: 65535 }));
}

/** Unicast, and of no network that an interface of the test has. */
function quad(): fc.Arbitrary<string> {
  const byte = fc.integer({ min: 1, max: 254 });
  return fc
    .tuple(fc.constantFrom(10, 100, 172, 192, 203), byte, byte, byte)
    .map((bytes) => bytes.join('.'));
}

/** Canonical by construction: at most one run of zeros, and never two groups of them in a row. */
function inet6(): fc.Arbitrary<string> {
  const group = fc.integer({ min: 1, max: 0xffff }).map((value) => value.toString(16));
  return fc.oneof(
    fc.tuple(fc.constantFrom('fd00', '2001:db8'), group).map(([head, tail]) => `${head}::${tail}`),
    fc.array(group, { minLength: 7, maxLength: 7 }).map((tail) => ['fd12', ...tail].join(':')),
  );
}

/** Objects like those that parsers build, with Object's own prototype, so that deepEqual holds. */
function record<T>(fields: { readonly [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> {
  return fc.record<T>(fields, { noNullPrototype: true });
}
