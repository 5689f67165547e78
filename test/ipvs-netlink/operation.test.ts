import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { addressFromBytes } from '../../src/ipvs-netlink/address.ts';
import {
  type Destination,
  destinationKey,
  IpvsClient,
  type Operation,
  type Service,
  type ServiceId,
  serviceKey,
} from '../../src/ipvs-netlink/index.ts';
import { FakeKernel } from '../support/netlink/fake-kernel.ts';

/*
 * Any service and destination, through the client to the fake kernel (which reads and writes bytes
 * by code of its own) and back.
 */
const families = fc.constantFrom('inet' as const, 'inet6' as const);
const ports = fc.integer({ min: 0, max: 65535 });
const u32s = fc.integer({ min: 0, max: 0xffffffff });

function address(family: 'inet' | 'inet6'): fc.Arbitrary<string> {
  return fc
    .uint8Array({ minLength: 16, maxLength: 16 })
    .map((bytes) => addressFromBytes(family, Buffer.from(bytes).fill(10, 0, 1)));
}

const serviceIds: fc.Arbitrary<ServiceId> = families.chain((family) =>
  fc.oneof(
    fc.record(
      {
        family: fc.constant(family),
        protocol: fc.constantFrom('tcp' as const, 'udp' as const, 'sctp' as const),
        address: address(family),
        port: ports,
      },
      { noNullPrototype: true },
    ),
    fc.record(
      { family: fc.constant(family), fwmark: fc.integer({ min: 1, max: 0xffffffff }) },
      { noNullPrototype: true },
    ),
  ),
);

const services: fc.Arbitrary<Service> = serviceIds.chain((id) =>
  fc.record(
    {
      id: fc.constant(id),
      scheduler: fc.constantFrom('rr', 'wrr', 'lblcr', 'mh'),
      schedulerFlags: fc.constantFrom(0, 8, 16, 32, 24, 56),
      persistenceTimeoutS: fc.oneof(fc.constant(0), u32s),
      persistenceNetmask:
        id.family === 'inet'
          ? fc.constantFrom('255.255.255.255', '255.255.255.0', '0.0.0.0')
          : fc.integer({ min: 1, max: 128 }).map(String),
      persistenceEngine: fc.constantFrom('', 'sip'),
      onePacket: fc.boolean(),
    },
    { noNullPrototype: true },
  ),
);

const tunnels = fc.record(
  {
    type: fc.constantFrom('ipip' as const, 'gue' as const, 'gre' as const),
    port: fc.integer({ min: 1, max: 65535 }),
    checksum: fc.constantFrom('nocsum' as const, 'csum' as const, 'remcsum' as const),
  },
  { noNullPrototype: true },
);

function destinations(family: 'inet' | 'inet6'): fc.Arbitrary<Destination> {
  const common = {
    id: fc.record(
      { family: fc.constant(family), address: address(family), port: ports },
      { noNullPrototype: true },
    ),
    weight: fc.integer({ min: 0, max: 65535 }),
    upperThreshold: fc.constant(0xffffffff),
    lowerThreshold: u32s,
  };
  const plain = fc.constantFrom(
    'masq' as const,
    'local' as const,
    'route' as const,
    'bypass' as const,
  );
  return fc.oneof(
    fc.record({ ...common, forwarding: plain }, { noNullPrototype: true }),
    fc.record(
      { ...common, forwarding: fc.constant('tunnel' as const), tunnel: tunnels },
      { noNullPrototype: true },
    ),
  );
}

const tables = fc.uniqueArray(
  services.chain((service) =>
    fc.record({
      service: fc.constant(service),
      destinations: fc.uniqueArray(destinations(service.id.family), {
        maxLength: 5,
        selector: ({ id }) => destinationKey(id),
      }),
    }),
  ),
  { maxLength: 8, selector: ({ service }) => serviceKey(service.id) },
);

describe('any service and destination', () => {
  it('come back from the kernel as they were sent', async () => {
    await fc.assert(
      fc.asyncProperty(tables, fc.boolean(), async (wanted, byEdit) => {
        const client = await IpvsClient.open({ openSocket: new FakeKernel().openSocket });
        const operations = wanted.flatMap(({ service, destinations }) => [
          ...put('service', byEdit, { service }),
          ...destinations.flatMap((destination) =>
            put('destination', byEdit, { service, destination }),
          ),
        ]);
        for (const { error } of await client.apply(operations)) assert.equal(error, undefined);
        const table = await client.table();
        assert.deepEqual(
          new Map(table.map((entry) => [serviceKey(entry.id), withoutCounters(entry)])),
          new Map(
            wanted.map(({ service, destinations }) => [
              serviceKey(service.id),
              { ...service, destinations: sorted(destinations) },
            ]),
          ),
        );
        const deletes = wanted.flatMap(({ service, destinations }): readonly Operation[] => [
          ...destinations.map(
            ({ id }) =>
              ({ kind: 'delete-destination', service: service.id, destination: id }) as const,
          ),
          { kind: 'delete-service', service: service.id },
        ]);
        for (const { error } of await client.apply(deletes)) assert.equal(error, undefined);
        assert.deepEqual(await client.table(), []);
        await client.close();
      }),
    );
  });
});

/** Adds it; or adds another of the same identity and edits that into it. */
function put(
  what: 'service' | 'destination',
  byEdit: boolean,
  wanted: { service: Service; destination?: Destination },
): readonly Operation[] {
  const { service, destination } = wanted;
  if (what === 'service' || destination === undefined) {
    const other: Service = { ...service, scheduler: 'sh', onePacket: true, schedulerFlags: 56 };
    if (!byEdit) return [{ kind: 'add-service', service }];
    return [
      { kind: 'add-service', service: other },
      { kind: 'edit-service', service },
    ];
  }
  const add = { kind: 'add-destination', service: service.id } as const;
  if (!byEdit) return [{ ...add, destination }];
  const { tunnel: _, ...plain } = destination;
  return [
    { ...add, destination: { ...plain, forwarding: 'route', weight: 7 } },
    { kind: 'edit-destination', service: service.id, destination },
  ];
}

function withoutCounters(entry: Awaited<ReturnType<IpvsClient['table']>>[number]) {
  const { stats: _, destinations, ...service } = entry;
  const plain = destinations.map(
    ({ stats, activeConnections, inactiveConnections, persistentConnections, ...rest }) => {
      assert.equal(stats.connections, 0n);
      assert.deepEqual([activeConnections, inactiveConnections, persistentConnections], [0, 0, 0]);
      return rest;
    },
  );
  return { ...service, destinations: sorted(plain) };
}

function sorted(destinations: readonly Destination[]): readonly Destination[] {
  const key = ({ id }: Destination) => destinationKey(id);
  return [...destinations].sort((a, b) => (key(a) < key(b) ? -1 : 1));
}
