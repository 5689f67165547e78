import type {
  Destination,
  DestinationEntry,
  ServiceEntry,
  ServiceId,
  Stats,
  Table,
} from '../ipvs-netlink/model.ts';
import { type Listing, listingKey } from './ipvsadm-list-parser.ts';
import { sortDestinations, sortServices } from './table-order.ts';

/** What ipvsadm spreads over several listings, by the option that asks for each. */
export interface Listings {
  /** -Ln --thresholds: upper, lower, active, inactive */
  readonly thresholds: Listing;
  /** -Ln --persistent-conn: weight, persistent, active, inactive */
  readonly persistent: Listing;
  /** -Ln --stats --exact: connections, packets in, out, bytes in, out */
  readonly totals: Listing;
  /** -Ln --rate --exact: the same per second */
  readonly rates: Listing;
}

/**
 * Joins a saved table with its numbers. What a listing lacks, since the table changed between two
 * commands, counts as 0.
 */
export function joinTable(table: Table, listings: Listings): readonly ServiceEntry[] {
  return sortServices(table).map((service) => ({
    ...service,
    destinations: sortDestinations(service.destinations).map((destination) =>
      joinDestination(service.id, destination, listings),
    ),
    stats: joinStats(listingKey(service.id), listings),
  }));
}

function joinDestination(
  service: ServiceId,
  destination: Destination,
  listings: Listings,
): DestinationEntry {
  const key = listingKey(service, destination.id);
  const [upper = 0n, lower = 0n, active = 0n, inactive = 0n] = listings.thresholds.get(key) ?? [];
  const [, persistent = 0n] = listings.persistent.get(key) ?? [];
  return {
    ...destination,
    upperThreshold: Number(upper),
    lowerThreshold: Number(lower),
    activeConnections: Number(active),
    inactiveConnections: Number(inactive),
    persistentConnections: Number(persistent),
    stats: joinStats(key, listings),
  };
}

function joinStats(key: string, { totals, rates }: Listings): Stats {
  const [connections = 0n, inPackets = 0n, outPackets = 0n, inBytes = 0n, outBytes = 0n] =
    totals.get(key) ?? [];
  const [
    connectionsPerSecond = 0n,
    inPacketsPerSecond = 0n,
    outPacketsPerSecond = 0n,
    inBytesPerSecond = 0n,
    outBytesPerSecond = 0n,
  ] = rates.get(key) ?? [];
  return {
    connections,
    inPackets,
    outPackets,
    inBytes,
    outBytes,
    connectionsPerSecond,
    inPacketsPerSecond,
    outPacketsPerSecond,
    inBytesPerSecond,
    outBytesPerSecond,
  };
}
