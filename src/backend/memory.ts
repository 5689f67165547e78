import { destinationKey, serviceKey } from '../ipvs-netlink/keys.ts';
import type {
  Destination,
  DestinationId,
  Operation,
  OperationOutcome,
  Service,
  ServiceEntry,
  ServiceId,
  Stats,
  Table,
} from '../ipvs-netlink/model.ts';
import type { IpvsBackend } from './backend.ts';
import { checkDestination, checkService, KernelError } from './kernel-rules.ts';
import { sortDestinations, sortServices } from './table-order.ts';

interface Row {
  readonly service: Service;
  readonly destinations: Map<string, Destination>;
}

const NO_STATS: Stats = {
  connections: 0n,
  inPackets: 0n,
  outPackets: 0n,
  inBytes: 0n,
  outBytes: 0n,
  connectionsPerSecond: 0n,
  inPacketsPerSecond: 0n,
  outPacketsPerSecond: 0n,
  inBytesPerSecond: 0n,
  outBytesPerSecond: 0n,
};

/**
 * An IPVS table without a kernel, for dry runs and tests: takes and refuses what the kernel takes
 * and refuses (net/netfilter/ipvs/ip_vs_ctl.c), but carries no traffic, so all counters stay 0.
 */
export class MemoryBackend implements IpvsBackend {
  readonly name = 'memory';
  readonly #rows = new Map<string, Row>();

  /** @param initial what the table holds at first; taken as it is, without the kernel's checks. */
  constructor(initial: Table = []) {
    for (const { destinations, ...service } of initial) {
      const entries = destinations.map((d) => [destinationKey(d.id), copyDestination(d)] as const);
      this.#rows.set(serviceKey(service.id), {
        service: copyService(service),
        destinations: new Map(entries),
      });
    }
  }

  async readTable(): Promise<readonly ServiceEntry[]> {
    const entries = [...this.#rows.values()].map(({ service, destinations }) => ({
      ...service,
      destinations: sortDestinations([...destinations.values()]).map((destination) => ({
        ...destination,
        activeConnections: 0,
        inactiveConnections: 0,
        persistentConnections: 0,
        stats: NO_STATS,
      })),
      stats: NO_STATS,
    }));
    return sortServices(entries);
  }

  async apply(operations: readonly Operation[]): Promise<readonly OperationOutcome[]> {
    return operations.map((operation) => {
      const error = this.#attempt(operation);
      return error === undefined ? { operation } : { operation, error };
    });
  }

  async close(): Promise<void> {}

  #attempt(operation: Operation): Error | undefined {
    try {
      this.#carryOut(operation);
      return undefined;
    } catch (error) {
      if (error instanceof KernelError) return error;
      throw error;
    }
  }

  #carryOut(operation: Operation): void {
    switch (operation.kind) {
      case 'add-service':
        this.#addService(operation.service);
        break;
      case 'edit-service':
        this.#editService(operation.service);
        break;
      case 'delete-service':
        this.#row(operation.service);
        this.#rows.delete(serviceKey(operation.service));
        break;
      case 'add-destination':
        this.#addDestination(operation.service, operation.destination);
        break;
      case 'edit-destination':
        this.#editDestination(operation.service, operation.destination);
        break;
      case 'delete-destination':
        this.#deleteDestination(operation.service, operation.destination);
        break;
    }
  }

  #addService(service: Service): void {
    const key = serviceKey(service.id);
    if (this.#rows.has(key)) throw new KernelError('EEXIST', `service ${key} exists already`);
    checkService(service);
    this.#rows.set(key, { service: copyService(service), destinations: new Map() });
  }

  #editService(service: Service): void {
    const { destinations } = this.#row(service.id);
    checkService(service);
    this.#rows.set(serviceKey(service.id), { service: copyService(service), destinations });
  }

  #addDestination(id: ServiceId, destination: Destination): void {
    const { destinations } = this.#row(id);
    checkDestination(id, destination);
    const key = destinationKey(destination.id);
    if (destinations.has(key)) {
      throw new KernelError('EEXIST', `destination ${key} of ${serviceKey(id)} exists already`);
    }
    destinations.set(key, copyDestination(destination));
  }

  #editDestination(id: ServiceId, destination: Destination): void {
    const row = this.#row(id);
    checkDestination(id, destination);
    row.destinations.set(presentKey(row, destination.id), copyDestination(destination));
  }

  #deleteDestination(id: ServiceId, destination: DestinationId): void {
    const row = this.#row(id);
    row.destinations.delete(presentKey(row, destination));
  }

  #row(id: ServiceId): Row {
    const row = this.#rows.get(serviceKey(id));
    if (row === undefined) throw new KernelError('ESRCH', `service ${serviceKey(id)} not found`);
    return row;
  }
}

function presentKey({ service, destinations }: Row, id: DestinationId): string {
  const key = destinationKey(id);
  if (!destinations.has(key)) {
    const place = serviceKey(service.id);
    throw new KernelError('ENOENT', `destination ${key} of ${place} not found`);
  }
  return key;
}

/** Only what the model names: an entry that somebody read has counters in it. */
function copyService(service: Service): Service {
  const { id, scheduler, schedulerFlags, onePacket } = service;
  const { persistenceTimeoutS, persistenceNetmask, persistenceEngine } = service;
  return {
    id,
    scheduler,
    schedulerFlags,
    persistenceTimeoutS,
    persistenceNetmask,
    persistenceEngine,
    onePacket,
  };
}

function copyDestination(destination: Destination): Destination {
  const { id, forwarding, weight, upperThreshold, lowerThreshold, tunnel } = destination;
  const plain = { id, forwarding, weight, upperThreshold, lowerThreshold };
  return tunnel === undefined ? plain : { ...plain, tunnel };
}
