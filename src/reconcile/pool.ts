import { serverKey, virtualKey } from '../config/keys.ts';
import { minimumInService } from '../config/min-servers.ts';
import type { FallbackServer, RealServer, VirtualServer } from '../config/model.ts';
import type { ServerCondition } from '../health/server-record.ts';
import { destinationKey } from '../ipvs-netlink/keys.ts';
import type { Destination } from '../ipvs-netlink/model.ts';
import { quiesced, realDestination } from './entries.ts';
import { effectiveWeight, slowedWeight } from './weights.ts';

/** The condition of servers, by `serverKey`; one that is missing counts as down. */
export type Health = ReadonlyMap<string, ServerCondition>;

/** An order at run time: `drain` keeps what is connected, `disable` acts like a failed check. */
export type AdminOrder = 'drain' | 'disable';

/** The operator's orders by `serverKey`. */
export type Admin = ReadonlyMap<string, AdminOrder>;

/** Where a server stands: it serves with a weight, has weight 0, or is not there. */
export type Place = number | 'quiescent' | 'absent';

export const none: ReadonlySet<string> = new Set();

/** Who takes the clients of a virtual. */
export interface Pool {
  /** Of its real servers, in their order. */
  readonly places: readonly Place[];
  /** Those that are in, each with its weight of this moment. */
  readonly fallbacks: readonly FallbackServer[];
}

export function poolOf(
  virtual: VirtualServer,
  health: Health,
  admin: Admin,
  lacking: ReadonlySet<string>,
): Pool {
  const places = placesOf(virtual, health, admin);
  const hasQuorum = lacking.size === 0 || !lacking.has(virtualKey(virtual.id));
  if (hasQuorum && isServing(virtual, places)) return { places, fallbacks: [] };
  const fallbacks = liveFallbacks(virtual, health);
  if (fallbacks.length === 0) return { places, fallbacks };
  const withdrawn = places.map((place, index) => {
    const real = virtual.reals[index];
    return typeof place === 'number' && real !== undefined
      ? placeOutside(virtual, real, false)
      : place;
  });
  return { places: withdrawn, fallbacks };
}

/** Lines for the same destination matter only where some serve and others do not. */
function isServing(virtual: VirtualServer, places: readonly Place[]): boolean {
  const serving = places.filter((place) => typeof place === 'number').length;
  if (serving === 0 || serving === places.length) return serving > 0;
  return placeServers(virtual, places).serving;
}

/** The fallbacks to use, with what their checks make of their weights; without checks one is up. */
function liveFallbacks(virtual: VirtualServer, health: Health): readonly FallbackServer[] {
  const live = virtual.fallbacks.flatMap((fallback) => {
    if (fallback.checks.length === 0) return [fallback];
    const condition = health.get(serverKey(virtual, fallback));
    if (!condition?.up || condition.drains) return [];
    const weight = effectiveWeight(fallback.weight, condition);
    return weight === 0 && fallback.weight > 0 ? [] : [{ ...fallback, weight }];
  });
  const first = Math.min(...live.map(({ priority }) => priority));
  return live.filter(({ priority }) => priority === first);
}

/** Whether real servers serve a virtual, not its fallbacks. */
export function isServed(
  virtual: VirtualServer,
  health: Health,
  admin: Admin,
  lacking: ReadonlySet<string> = none,
): boolean {
  return isServing(virtual, poolOf(virtual, health, admin, lacking).places);
}

/**
 * The weight of a virtual's servers that are up and have no order, as the quorum counts it. Lines
 * for the same destination count once, as `placeServers` has them.
 */
export function liveWeight(virtual: VirtualServer, health: Health, admin: Admin): number {
  const weights = new Map<string, number>();
  const refused = new Set<string>();
  for (const real of virtual.reals) {
    const key = destinationKey(realDestination(virtual, real).id);
    const condition = health.get(serverKey(virtual, real));
    const isLive = condition?.up && !condition.drains && !admin.has(serverKey(virtual, real));
    if (isLive) weights.set(key, effectiveWeight(real.weight, condition));
    else refused.add(key);
  }
  let sum = 0;
  for (const [key, weight] of weights) if (!refused.has(key)) sum += weight;
  return sum;
}

/** The destinations that real servers are in those places, by `destinationKey`, and whether one serves. */
export function placeServers(
  virtual: VirtualServer,
  places: readonly Place[],
): { readonly destinations: Map<string, Destination>; readonly serving: boolean } {
  const destinations = new Map<string, Destination>();
  const refused = new Map<string, Place>();
  let serving = false;

  for (const [index, real] of virtual.reals.entries()) {
    const destination = realDestination(virtual, real);
    const key = destinationKey(destination.id);
    const place = worse(places[index] ?? 'absent', refused.get(key));
    if (typeof place !== 'number') refused.set(key, place);
    if (place === 'absent') destinations.delete(key);
    else if (place === 'quiescent') destinations.set(key, quiesced(destination));
    else destinations.set(key, { ...destination, weight: place });
  }
  for (const key of destinations.keys()) serving ||= !refused.has(key);
  return { destinations, serving };
}

function placesOf(virtual: VirtualServer, health: Health, admin: Admin): readonly Place[] {
  const kept = keptServers(virtual, health, admin);
  return virtual.reals.map((real) =>
    kept.has(real.key) ? real.weight : placeOf(virtual, real, health, admin),
  );
}

function placeOf(virtual: VirtualServer, real: RealServer, health: Health, admin: Admin): Place {
  const key = serverKey(virtual, real);
  const order = admin.get(key);
  const condition = health.get(key);
  if (condition?.up && order !== 'disable') {
    if (order === 'drain' || condition.drains) return 'quiescent';
    const weight = effectiveWeight(real.weight, condition);
    if (weight === 0 && real.weight > 0) return 'quiescent';
    return slowedWeight(weight, condition);
  }
  if (order === 'drain') return 'quiescent';
  return placeOutside(virtual, real, condition?.up === true);
}

/**
 * Where a server goes that is not to serve.
 *
 * @param isWell - it was disabled and has not failed: persistentclean does not concern it.
 */
function placeOutside(virtual: VirtualServer, { inhibit }: RealServer, isWell: boolean): Place {
  const stays = inhibit ?? (virtual.quiescent && (isWell || !virtual.persistentClean));
  return stays ? 'quiescent' : 'absent';
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
  if (minServers === undefined) return none;
  const free = reals.filter((real) => !admin.has(serverKey(virtual, real)));
  const condition = (real: RealServer) => health.get(serverKey(virtual, real));
  const up = free.filter((real) => condition(real)?.up).length;
  const minimum = minimumInService(minServers, reals.length);
  const lost = free.flatMap((real) => {
    const lostAtMs = condition(real)?.lostAtMs;
    return lostAtMs === undefined ? [] : [{ key: real.key, lostAtMs }];
  });
  lost.sort((a, b) => b.lostAtMs - a.lostAtMs);
  return new Set(lost.slice(0, Math.max(0, minimum - up)).map(({ key }) => key));
}

/** Of two lines for one destination, `before` having been refused, the place that counts. */
function worse(place: Place, before: Place | undefined): Place {
  if (before === undefined) return place;
  return place === 'absent' ? place : before;
}
