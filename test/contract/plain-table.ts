import { sortDestinations, sortServices } from '../../src/backend/table-order.ts';
import type {
  Destination,
  Operation,
  Service,
  Table,
  TableService,
} from '../../src/ipvs-netlink/model.ts';

/** What a table says, without the counters of entries that were read, in one order. */
export function plainTable(table: Table): Table {
  return sortServices(table).map((service) => ({
    ...plainService(service),
    destinations: sortDestinations(service.destinations).map(plainDestination),
  }));
}

/** The operations that make a table out of nothing. */
export function buildOperations(table: Table): readonly Operation[] {
  return table.flatMap((service): readonly Operation[] => [
    { kind: 'add-service', service: plainService(service) },
    ...service.destinations.map(
      (destination): Operation => ({
        kind: 'add-destination',
        service: service.id,
        destination,
      }),
    ),
  ]);
}

function plainService(service: TableService | Service): Service {
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

function plainDestination(destination: Destination): Destination {
  const { id, forwarding, weight, upperThreshold, lowerThreshold, tunnel } = destination;
  const plain = { id, forwarding, weight, upperThreshold, lowerThreshold };
  return tunnel === undefined ? plain : { ...plain, tunnel };
}
