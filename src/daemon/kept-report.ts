import type { Logger } from 'pino';
import type { DaemonEvent } from '../alerts/event.ts';
import { serverKey } from '../config/keys.ts';
import type { Config } from '../config/model.ts';
import { type Health, keptServers } from '../reconcile/pool.ts';
import type { Orders } from './orders.ts';

/**
 * A server that only minservers keeps in service is an alarm: the check or all servers are broken.
 * Each is reported when that begins, in the log and to the observers.
 */
export class KeptReport {
  readonly #log: Logger;
  readonly #tell: (event: DaemonEvent) => void;
  /** As of `serverKey`. */
  #kept: ReadonlySet<string> = new Set();

  constructor(log: Logger, tell: (event: DaemonEvent) => void) {
    this.#log = log;
    this.#tell = tell;
  }

  write(config: Config, health: Health, orders: Orders): void {
    const kept = new Set<string>();
    for (const virtual of config.virtuals) {
      for (const name of keptServers(virtual, health, orders.admin)) {
        const key = serverKey(virtual, { key: name });
        kept.add(key);
        if (this.#kept.has(key)) continue;
        const what = 'Kept in service by minservers though its check fails';
        this.#log.error(`${what}: ${key}`);
        this.#tell({ kind: 'kept', virtual, text: `${what}: ${name} (${virtual.label})` });
      }
    }
    this.#kept = kept;
  }
}
