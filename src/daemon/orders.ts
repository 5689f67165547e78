import type { Logger } from 'pino';
import type { Admin, AdminOrder } from '../reconcile/pool.ts';
import type { OrderShown } from '../status/snapshot.ts';

/** What is ordered at run time about servers, whatever their health. */
export class Orders {
  readonly #log: Logger;
  #maintenance: ReadonlyMap<string, string> = new Map();
  #admin: Admin = new Map();

  constructor(log: Logger) {
    this.#log = log;
  }

  /** @param files names of files in the maintenance directory, by the `serverKey` they are about. */
  setMaintenance(files: ReadonlyMap<string, string>): void {
    for (const [key, file] of files) {
      if (this.#maintenance.has(key)) continue;
      this.#log.warn({ file }, `Real server in maintenance: ${key}`);
    }
    for (const key of this.#maintenance.keys()) {
      if (!files.has(key)) this.#log.info(`Real server out of maintenance: ${key}`);
    }
    this.#maintenance = files;
    this.#admin = new Map([...files.keys()].map((key): [string, AdminOrder] => [key, 'disable']));
  }

  isInMaintenance(serverKey: string): boolean {
    return this.#maintenance.has(serverKey);
  }

  /** For `desired`. */
  get admin(): Admin {
    return this.#admin;
  }

  /** For `status`. */
  get shown(): ReadonlyMap<string, OrderShown> {
    const maintained = [...this.#maintenance.keys()].map((key) => [key, 'maintenance'] as const);
    return new Map<string, OrderShown>([...this.#admin, ...maintained]);
  }
}
