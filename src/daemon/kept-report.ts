import type { Logger } from 'pino';
import { serverKey } from '../config/keys.ts';
import type { Config } from '../config/model.ts';
import { type Health, keptServers } from '../reconcile/pool.ts';
import type { Orders } from './orders.ts';

/**
 * A server that only minservers keeps in service is an alarm: the check or all servers are broken.
 * Each is reported when that begins.
 */
export class KeptReport {
  readonly #log: Logger;
  /** As of `serverKey`. */
  #kept: ReadonlySet<string> = new Set();

  constructor(log: Logger) {
    this.#log = log;
  }

  write(config: Config, health: Health, orders: Orders): void {
    const kept = new Set<string>();
    for (const virtual of config.virtuals) {
      for (const key of keptServers(virtual, health, orders.admin)) {
        kept.add(serverKey(virtual, { key }));
      }
    }
    for (const key of kept) {
      if (this.#kept.has(key)) continue;
      this.#log.error(`Kept in service by minservers though its check fails: ${key}`);
    }
    this.#kept = kept;
  }
}
