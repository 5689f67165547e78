import { destinationKey, serviceKey } from '../ipvs-netlink/keys.ts';
import type {
  Destination,
  Operation,
  Service,
  Table,
  TableService,
  Tunnel,
} from '../ipvs-netlink/model.ts';

/**
 * What turns the actual table into the desired one.
 *
 * Order, so that no service ever lacks a live destination that it had:
 * 1. services are added and edited;
 * 2. destinations are added and raised, live ones first;
 * 3. destinations are lowered;
 * 4. destinations are deleted;
 * 5. services are deleted (the kernel deletes their destinations with them).
 *
 * @param desired the wished table, of the services that ipvsd keeps.
 * @param actual the kernel's table, of those services only: what is here and not in `desired`
 *   goes (see `managedOnly`).
 * @returns [] exactly when every attribute of every entry is equal.
 */
export function diff(desired: Table, actual: Table): readonly Operation[] {
  const steps: Steps = { services: [], raise: [], lower: [], remove: [], removeServices: [] };
  const present = new Map(actual.map((service) => [serviceKey(service.id), service]));

  for (const wished of desired) {
    const key = serviceKey(wished.id);
    diffService(wished, present.get(key), steps);
    present.delete(key);
  }
  for (const service of present.values()) {
    steps.removeServices.push({ kind: 'delete-service', service: service.id });
  }
  return [
    ...steps.services,
    ...steps.raise,
    ...steps.lower,
    ...steps.remove,
    ...steps.removeServices,
  ];
}

/**
 * The part of a table that ipvsd may touch.
 *
 * @param managed keys (`serviceKey`) of the services that are or were in the file.
 */
export function managedOnly(table: Table, managed: ReadonlySet<string>): Table {
  return table.filter((service) => managed.has(serviceKey(service.id)));
}

interface Steps {
  readonly services: Operation[];
  readonly raise: Operation[];
  readonly lower: Operation[];
  readonly remove: Operation[];
  readonly removeServices: Operation[];
}

function diffService(wished: TableService, found: TableService | undefined, steps: Steps): void {
  // what `desired` gave before and we left in the kernel
  if (wished === found) return;
  const { destinations, ...service } = wished;
  if (found === undefined) steps.services.push({ kind: 'add-service', service });
  else if (!sameService(wished, found)) steps.services.push({ kind: 'edit-service', service });

  const present = new Map(found?.destinations.map((d) => [destinationKey(d.id), d]));
  for (const destination of destinations) {
    const key = destinationKey(destination.id);
    diffDestination(wished, destination, present.get(key), steps);
    present.delete(key);
  }
  for (const { id } of present.values()) {
    steps.remove.push({ kind: 'delete-destination', service: wished.id, destination: id });
  }
}

function diffDestination(
  { id: service }: TableService,
  destination: Destination,
  found: Destination | undefined,
  steps: Steps,
): void {
  if (found === undefined) {
    const step = destination.weight > 0 ? steps.raise : steps.lower;
    step.push({ kind: 'add-destination', service, destination });
  } else if (!sameDestination(destination, found)) {
    const step = destination.weight >= found.weight ? steps.raise : steps.lower;
    step.push({ kind: 'edit-destination', service, destination });
  }
}

/** Whether two services with one identity have equal attributes. */
export function sameService(a: Service, b: Service): boolean {
  return (
    a.scheduler === b.scheduler &&
    a.schedulerFlags === b.schedulerFlags &&
    a.persistenceTimeoutS === b.persistenceTimeoutS &&
    // without persistence the mask decides nothing
    (a.persistenceTimeoutS === 0 || a.persistenceNetmask === b.persistenceNetmask) &&
    a.persistenceEngine === b.persistenceEngine &&
    a.onePacket === b.onePacket
  );
}

/** Whether two destinations with one identity have equal attributes. */
export function sameDestination(a: Destination, b: Destination): boolean {
  return (
    a.forwarding === b.forwarding &&
    a.weight === b.weight &&
    a.upperThreshold === b.upperThreshold &&
    a.lowerThreshold === b.lowerThreshold &&
    sameTunnel(a.tunnel, b.tunnel)
  );
}

function sameTunnel(a: Tunnel | undefined, b: Tunnel | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a.type === b.type && a.port === b.port && a.checksum === b.checksum;
}
