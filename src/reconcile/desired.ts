import { schedulerFlagBits } from '../backend/scheduler-flags.ts';
import { serverKey } from '../config/keys.ts';
import type {
  Config,
  FallbackServer,
  ForwardMethod,
  RealServer,
  VirtualServer,
} from '../config/model.ts';
import type { ServerCondition } from '../health/server-health.ts';
import { destinationKey } from '../ipvs-netlink/keys.ts';
import type {
  Destination,
  ForwardingMethod,
  Service,
  Table,
  TableService,
} from '../ipvs-netlink/model.ts';

/** The condition of servers, by `serverKey`; one that is missing counts as down. */
export type Health = ReadonlyMap<string, ServerCondition>;

/** An order at run time: `drain` keeps what is connected, `disable` acts like a failed check. */
export type AdminOrder = 'drain' | 'disable';

/** The operator's orders by `serverKey`. */
export type Admin = ReadonlyMap<string, AdminOrder>;

type Place = 'serving' | 'quiescent' | 'absent';

/**
 * The table that file, health and orders ask for; the only place that knows both vocabularies.
 *
 * 1. A server that is up serves with its weight and thresholds.
 * 2. A server that is down has weight 0 with quiescent=yes, else it is absent; with
 *    persistentclean=yes it is absent, which ends the templates of its clients.
 * 3. A drained server has weight 0, whatever quiescent says.
 * 4. Lines of one virtual that mean the same destination must all be up for it to serve; the
 *    last line's weight counts.
 * 5. With minservers, servers that were up last serve on although they are down, as many as it
 *    takes; never one that has not been up, nor one with an order.
 * 6. The fallback is in, with weight 1, exactly while no server serves.
 *
 * @returns services in file order, each with its destinations in file order; a virtual whose
 * servers are as they were gives the very same object again, which `diff` need not look into.
 */
export function desired(config: Config, health: Health, admin: Admin): Table {
  return config.virtuals.map((virtual) => {
    const places = placesOf(virtual, health, admin);
    const last = lastServices.get(virtual);
    if (last !== undefined && isEqualList(last.places, places)) return last.service;
    const service = desiredService(virtual, places);
    lastServices.set(virtual, { places, service });
    return service;
  });
}

/** With ten thousand servers, most are as they were when one of them changes. */
const lastServices = new WeakMap<
  VirtualServer,
  { readonly places: readonly Place[]; readonly service: TableService }
>();

function isEqualList(a: readonly Place[], b: readonly Place[]): boolean {
  return a.length === b.length && a.every((place, index) => place === b[index]);
}

/** Whether any real server of a virtual serves, so that its fallback is out. */
export function isServed(virtual: VirtualServer, health: Health, admin: Admin): boolean {
  return placeServers(virtual, placesOf(virtual, health, admin)).serving;
}

/** @param places of its real servers, in their order. */
function desiredService(virtual: VirtualServer, places: readonly Place[]): TableService {
  const { destinations, serving } = placeServers(virtual, places);
  if (!serving) {
    for (const server of virtual.fallbacks) {
      const fallback = fallbackDestination(virtual, server);
      destinations.set(destinationKey(fallback.id), fallback);
    }
  }
  return { ...kernelService(virtual), destinations: [...destinations.values()] };
}

function placeServers(
  virtual: VirtualServer,
  places: readonly Place[],
): { readonly destinations: Map<string, Destination>; readonly serving: boolean } {
  const destinations = new Map<string, Destination>();
  const refused = new Map<string, Place>();
  let serving = false;

  for (const [index, real] of virtual.reals.entries()) {
    const destination = realDestination(virtual, real);
    const key = destinationKey(destination.id);
    const place = worse(places[index] ?? 'absent', refused.get(key) ?? 'serving');
    if (place !== 'serving') refused.set(key, place);
    if (place === 'absent') destinations.delete(key);
    else destinations.set(key, place === 'serving' ? destination : quiesced(destination));
  }
  for (const key of destinations.keys()) serving ||= !refused.has(key);
  return { destinations, serving };
}

function placesOf(virtual: VirtualServer, health: Health, admin: Admin): readonly Place[] {
  const kept = keptServers(virtual, health, admin);
  return virtual.reals.map((real) =>
    kept.has(real.key) ? 'serving' : placeOf(virtual, real, health, admin),
  );
}

function placeOf(virtual: VirtualServer, real: RealServer, health: Health, admin: Admin): Place {
  const key = serverKey(virtual, real);
  const order = admin.get(key);
  const isUp = health.get(key)?.up === true && order !== 'disable';
  if (isUp) return order === 'drain' ? 'quiescent' : 'serving';
  const isQuiescent = virtual.quiescent && !virtual.persistentClean;
  return isQuiescent || order === 'drain' ? 'quiescent' : 'absent';
}

/**
 * The servers that minservers keeps in service although they are down.
 *
 * @returns their `RealServer.key`s.
 */
export function keptServers(
  virtual: VirtualServer,
  health: Health,
  admin: Admin,
): ReadonlySet<string> {
  const { minServers, reals } = virtual;
  if (minServers === undefined) return new Set();
  const free = reals.filter((real) => !admin.has(serverKey(virtual, real)));
  const condition = (real: RealServer) => health.get(serverKey(virtual, real));
  const up = free.filter((real) => condition(real)?.up).length;
  const minimum =
    'count' in minServers ? minServers.count : Math.ceil((reals.length * minServers.percent) / 100);
  const lost = free.flatMap((real) => {
    const lostAtMs = condition(real)?.lostAtMs;
    return lostAtMs === undefined ? [] : [{ key: real.key, lostAtMs }];
  });
  lost.sort((a, b) => b.lostAtMs - a.lostAtMs);
  return new Set(lost.slice(0, Math.max(0, minimum - up)).map(({ key }) => key));
}

function worse(a: Place, b: Place): Place {
  const order: readonly Place[] = ['serving', 'quiescent', 'absent'];
  return order.indexOf(a) >= order.indexOf(b) ? a : b;
}

/** The service of a virtual server, without its destinations. */
function kernelService(virtual: VirtualServer): Service {
  const { id } = virtual;
  const wholeMask = id.family === 'inet' ? '255.255.255.255' : '128';
  const isUdp = !('fwmark' in id) && id.protocol === 'udp';
  return {
    id,
    scheduler: virtual.scheduler,
    schedulerFlags: schedulerFlagBits(virtual.scheduler, virtual.schedulerFlags),
    persistenceTimeoutS: virtual.persistentS,
    // ldirectord passes a netmask on only together with persistence
    persistenceNetmask: virtual.persistentS > 0 ? (virtual.netmask ?? wholeMask) : wholeMask,
    persistenceEngine: '',
    // the kernel schedules single packets of UDP only; ldirectord drops ops= elsewhere
    onePacket: virtual.onePacket && isUdp,
  };
}

/** The destination that a real server is while it serves. */
export function realDestination(virtual: VirtualServer, real: RealServer): Destination {
  return {
    ...destinationAt(virtual, real, real.forward),
    weight: real.weight,
    upperThreshold: real.upperThreshold,
    lowerThreshold: real.lowerThreshold,
  };
}

/** The destination that a virtual's fallback is while no real server serves. */
export function fallbackDestination(virtual: VirtualServer, fallback: FallbackServer): Destination {
  return {
    ...destinationAt(virtual, fallback, fallback.forward),
    weight: fallback.weight,
    upperThreshold: 0,
    lowerThreshold: 0,
  };
}

/** ipvsadm's edit to weight 0 leaves thresholds out, which sets them to 0; so does ours. */
function quiesced(destination: Destination): Destination {
  return { ...destination, weight: 0, upperThreshold: 0, lowerThreshold: 0 };
}

function destinationAt(
  virtual: VirtualServer,
  server: Pick<RealServer, 'family' | 'address' | 'port'>,
  forward: ForwardMethod,
): Pick<Destination, 'id' | 'forwarding' | 'tunnel'> {
  const { family, address } = server;
  const forwarding = forwardingMethods[forward];
  // Direct routing and tunnels leave the packet's port alone, so the kernel entry carries the
  // virtual's port, as ipvsadm writes it; the check still goes to the port of the file.
  const port = forwarding === 'masq' || 'fwmark' in virtual.id ? server.port : virtual.id.port;
  const id = { family, address, port };
  if (forwarding !== 'tunnel') return { id, forwarding };
  return { id, forwarding, tunnel: { type: 'ipip', port: 0, checksum: 'nocsum' } };
}

const forwardingMethods = {
  gate: 'route',
  masq: 'masq',
  ipip: 'tunnel',
} as const satisfies Record<ForwardMethod, ForwardingMethod>;
