import type { PoolEvent, QuorumEvent, ServerEvent } from '../alerts/event.ts';
import { serverKey, virtualKey } from '../config/keys.ts';
import type { Config, VirtualServer } from '../config/model.ts';
import type { ServerHealth } from '../health/server-health.ts';
import { destinationKey, serviceKey } from '../ipvs-netlink/keys.ts';
import type { Table, TableService } from '../ipvs-netlink/model.ts';
import { fallbackDestination } from '../reconcile/entries.ts';
import { type Admin, type Health, isServed, liveWeight } from '../reconcile/pool.ts';

/** What decides who is in service, at one moment. */
export interface PoolFacts {
  readonly view: Health;
  readonly admin: Admin;
  /** Those that lack their quorum, by `virtualKey`. */
  readonly lacking: ReadonlySet<string>;
}

/** Remembers which servers were in service and which virtual servers were served, and finds what changed. */
export class ServiceWatch {
  #servers = new Map<string, boolean>();
  #pools = new Map<string, boolean>();
  #quorums = new Map<string, boolean>();

  /**
   * Takes over a file and what the kernel has of it. What is not in the file any more is forgotten.
   *
   * @param table the kernel's table before anything of the file was applied.
   * @param inService servers that the kernel sends connections to, by `serverKey`.
   * @returns the virtual servers that are new to us and were in the kernel already.
   */
  adopt(config: Config, table: Table, inService: ReadonlySet<string>): readonly PoolEvent[] {
    const [servers, pools] = [this.#servers, this.#pools];
    this.#servers = new Map();
    this.#pools = new Map();
    const services = new Map(table.map((service) => [serviceKey(service.id), service]));
    const events: PoolEvent[] = [];
    for (const virtual of config.virtuals) {
      for (const real of virtual.reals) {
        const key = serverKey(virtual, real);
        const was = servers.get(key) ?? (inService.has(key) || undefined);
        if (was !== undefined) this.#servers.set(key, was);
      }
      const key = virtualKey(virtual.id);
      const known = pools.get(key);
      const found = known ?? served(virtual, services.get(serviceKey(virtual.id)), inService);
      if (found === undefined) continue;
      this.#pools.set(key, found);
      if (known === undefined) events.push({ kind: 'pool', virtual, served: found, adopted: true });
    }
    return events;
  }

  /**
   * What changed since the last call; a server or virtual server without a past tells how it is
   * as soon as that is known.
   */
  changes(
    config: Config,
    health: ServerHealth,
    { view, admin, lacking }: PoolFacts,
  ): readonly (ServerEvent | PoolEvent | QuorumEvent)[] {
    const events: (ServerEvent | PoolEvent | QuorumEvent)[] = [];
    for (const virtual of config.virtuals) {
      for (const real of virtual.reals) {
        const key = serverKey(virtual, real);
        const isDisabled = admin.get(key) === 'disable';
        const inService = view.get(key)?.up === true && !isDisabled;
        if (!inService && !isDisabled && !health.record(key)?.state.checked) continue;
        if (this.#servers.get(key) === inService) continue;
        this.#servers.set(key, inService);
        events.push({ kind: 'server', server: { key, virtual, real }, inService });
      }
      const key = virtualKey(virtual.id);
      const isNow = isServed(virtual, view, admin, lacking);
      if (this.#pools.get(key) !== isNow) {
        this.#pools.set(key, isNow);
        events.push({ kind: 'pool', virtual, served: isNow, adopted: false });
      }
      const gained = !lacking.has(key);
      if (virtual.quorum !== undefined && this.#quorums.get(key) !== gained) {
        this.#quorums.set(key, gained);
        const live = liveWeight(virtual, view, admin);
        events.push({ kind: 'quorum', virtual, gained, live });
      }
    }
    return events;
  }
}

/** What the kernel's entry says; undefined when it says nothing. */
function served(
  virtual: VirtualServer,
  service: TableService | undefined,
  inService: ReadonlySet<string>,
): boolean | undefined {
  if (service === undefined) return undefined;
  if (virtual.reals.some((real) => inService.has(serverKey(virtual, real)))) return true;
  if (virtual.fallbacks.length === 0) return false;
  const ids = virtual.fallbacks.map((fallback) => fallbackDestination(virtual, fallback).id);
  const fallbacks = new Set(ids.map(destinationKey));
  const isIn = service.destinations.some(
    ({ id, weight }) => fallbacks.has(destinationKey(id)) && weight > 0,
  );
  return isIn ? false : undefined;
}
