import { destinationKey, serviceKey } from '../ipvs-netlink/keys.ts';
import type { Operation, ServiceId } from '../ipvs-netlink/model.ts';

/**
 * What a change of the kernel's table means to the operator, in ldirectord's log texts.
 *
 * @param isFallback whether a destination (key) of a service (key) is its fallback server.
 * @returns `Added real server: 10.0.0.2:80 (10.0.0.1:80) (Weight set to 1)`, ...
 */
export function changeText(
  operation: Operation,
  isFallback: (service: string, destination: string) => boolean,
): string {
  switch (operation.kind) {
    case 'add-service':
      return `Added virtual server: ${label(operation.service.id)}`;
    case 'edit-service':
      return `Changed virtual server: ${label(operation.service.id)}`;
    case 'delete-service':
      return `Deleted virtual server: ${label(operation.service)}`;
    case 'delete-destination': {
      const name = destinationKey(operation.destination);
      const kind = isFallback(serviceKey(operation.service), name) ? 'fallback' : 'real';
      return `Deleted ${kind} server: ${name} (${label(operation.service)})`;
    }
    case 'add-destination':
    case 'edit-destination': {
      const { destination, service, kind } = operation;
      const name = destinationKey(destination.id);
      const place = `${name} (${label(service)})`;
      const weight = `(Weight set to ${destination.weight})`;
      if (isFallback(serviceKey(service), name) && destination.weight > 0) {
        return `Added fallback server: ${place} ${weight}`;
      }
      if (destination.weight === 0) return `Quiescent real server: ${place} ${weight}`;
      const verb = kind === 'add-destination' ? 'Added' : 'Restored';
      return `${verb} real server: ${place} ${weight}`;
    }
  }
}

function label(id: ServiceId): string {
  return 'fwmark' in id ? String(id.fwmark) : destinationKey(id);
}
