import { virtualKey } from '../config/keys.ts';
import type { Config, Quorum } from '../config/model.ts';
import { type Admin, type Health, liveWeight } from './pool.ts';

/**
 * Whether a virtual server has its quorum, after one more look. As keepalived has it: gained with
 * quorum + hysteresis, lost below quorum - hysteresis or with nothing left.
 *
 * @param had whether it had it until now; false at the beginning.
 * @param live sum of the weights of the servers that are up.
 */
export function hasQuorum(had: boolean, live: number, { weight, hysteresis }: Quorum): boolean {
  if (live <= 0) return false;
  return had ? live >= weight - hysteresis : live >= weight + hysteresis;
}

/** Remembers which virtual servers have their quorum. */
export class Quorums {
  #gained: ReadonlySet<string>;

  /** @param gained keys (`virtualKey`) of those that have it. */
  constructor(gained: ReadonlySet<string> = new Set()) {
    this.#gained = gained;
  }

  /**
   * Takes over a file at the start: a virtual server that the kernel sends to real servers had it.
   *
   * @param inService keys of those servers, as of `serverKey`.
   */
  adopt(config: Config, inService: ReadonlySet<string>): void {
    const served = config.virtuals.filter(({ id, reals }) =>
      reals.some(({ key }) => inService.has(`${virtualKey(id)} ${key}`)),
    );
    const known = served.map(({ id }) => virtualKey(id));
    this.#gained = new Set([...this.#gained, ...known]);
  }

  /**
   * Looks again; looking twice at the same changes nothing.
   *
   * @returns keys (`virtualKey`) of those that lack it; one without a quorum in the file never does.
   */
  update(config: Config, health: Health, admin: Admin): ReadonlySet<string> {
    const gained = new Set<string>();
    const lacking = new Set<string>();
    for (const virtual of config.virtuals) {
      const key = virtualKey(virtual.id);
      if (virtual.quorum === undefined) {
        // served without one: a file that asks for one later does not begin with its loss
        gained.add(key);
        continue;
      }
      const live = liveWeight(virtual, health, admin);
      (hasQuorum(this.#gained.has(key), live, virtual.quorum) ? gained : lacking).add(key);
    }
    this.#gained = gained;
    return lacking;
  }
}
