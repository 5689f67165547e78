import type { Conduct, Config, VirtualServer } from '../config/model.ts';
import { destinationKey, serviceKey } from '../ipvs-netlink/keys.ts';
import type { Table, TableService } from '../ipvs-netlink/model.ts';
import { fallbackDestination, kernelService, quiesced } from './entries.ts';
import { type Admin, type Health, none, type Pool, placeServers, poolOf } from './pool.ts';

/**
 * The table that file, health, orders and role ask for; the only place that knows both vocabularies.
 *
 * 1. A server that is up serves with its thresholds and its weight: what the file and its checks
 *    say, less while it starts slowly.
 * 2. A server that is down has weight 0 with quiescent=yes, else it is absent; with
 *    persistentclean=yes it is absent, which ends the templates of its clients. A disabled one
 *    counts as down, but has not failed: persistentclean does not concern it. Its own inhibit comes
 *    before both.
 * 3. A drained server has weight 0, whatever quiescent says; so has one whose checks ask for it, or
 *    leave it no weight.
 * 4. Lines of one virtual that mean the same destination must all be up for it to serve; the
 *    last line's weight counts.
 * 5. With minservers, servers that were up last serve on although they are down, as many as it
 *    takes; never one that has not been up, nor one with an order.
 * 6. The fallbacks of the lowest priority number that has one that is up are in while no server
 *    serves, or the virtual lacks its quorum: then its servers go as if they were down. Without a
 *    fallback that is up they stay.
 * 7. Fallbacks that are not in are absent, or have weight 0 with fallbackquiescent=yes.
 * 8. A director that has to clear the table wants nothing of all this.
 *
 * @param lacking keys (`virtualKey`) of the virtuals that lack their quorum.
 * @param table what the director's role makes of the table (`conductOf`).
 * @returns services in file order, each with its destinations in file order; a virtual whose
 * servers are as they were gives the very same object again, which `diff` need not look into.
 */
export function desired(
  config: Config,
  health: Health,
  admin: Admin,
  lacking: ReadonlySet<string> = none,
  table: Conduct['table'] = 'keep',
): Table {
  if (table === 'clear') return [];
  return config.virtuals.map((virtual) => {
    const pool = poolOf(virtual, health, admin, lacking);
    const state = JSON.stringify([
      pool.places,
      pool.fallbacks.map(({ key, weight }) => [key, weight]),
    ]);
    const last = lastServices.get(virtual);
    if (last?.state === state) return last.service;
    const service = desiredService(virtual, pool);
    lastServices.set(virtual, { state, service });
    return service;
  });
}

/**
 * Keys (`serviceKey`) of the services that must not be in the kernel, whoever put them there: those
 * of the file while its director has to clear the table.
 */
export function clearedServices(config: Config, table: Conduct['table']): ReadonlySet<string> {
  return table === 'clear' ? new Set(config.virtuals.map(({ id }) => serviceKey(id))) : none;
}

/** With ten thousand servers, most are as they were when one of them changes. */
const lastServices = new WeakMap<
  VirtualServer,
  { readonly state: string; readonly service: TableService }
>();

function desiredService(virtual: VirtualServer, pool: Pool): TableService {
  const { destinations } = placeServers(virtual, pool.places);
  for (const fallback of virtual.fallbacks) {
    const used = pool.fallbacks.find(({ key }) => key === fallback.key);
    const destination = fallbackDestination(virtual, used ?? fallback);
    const key = destinationKey(destination.id);
    if (used !== undefined) destinations.set(key, destination);
    else if (virtual.fallbackQuiescent && !destinations.has(key)) {
      destinations.set(key, quiesced(destination));
    }
  }
  return { ...kernelService(virtual), destinations: [...destinations.values()] };
}
