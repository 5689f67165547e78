import { serverKey } from '../config/keys.ts';
import type { Config } from '../config/model.ts';
import { destinationKey, serviceKey } from '../ipvs-netlink/keys.ts';
import type { Destination, Table } from '../ipvs-netlink/model.ts';
import { fallbackDestination, realDestination } from './entries.ts';

/**
 * The servers of the file, fallbacks too, that the kernel sends connections to right now. They start as up, so
 * that a restart changes nothing until a check fails.
 *
 * @param table the kernel's table.
 * @returns keys as of `serverKey`.
 */
export function serversInService(config: Config, table: Table): ReadonlySet<string> {
  const services = new Map(table.map((service) => [serviceKey(service.id), service]));
  const found = new Set<string>();
  for (const virtual of config.virtuals) {
    const live = new Set(
      services
        .get(serviceKey(virtual.id))
        ?.destinations.filter((destination) => destination.weight > 0)
        .map((destination) => destinationKey(destination.id)),
    );
    const isLive = ({ id }: Destination): boolean => live.has(destinationKey(id));
    for (const real of virtual.reals) {
      if (isLive(realDestination(virtual, real))) found.add(serverKey(virtual, real));
    }
    for (const fallback of virtual.fallbacks) {
      if (isLive(fallbackDestination(virtual, fallback))) found.add(serverKey(virtual, fallback));
    }
  }
  return found;
}
