import type { Logger } from 'pino';
import type { SharedService } from './managed-services.ts';

/** Names, when it begins, each service that another instance keeps in its own way as well. */
export class SharedServices {
  readonly #log: Logger;
  #now: readonly SharedService[] = [];

  constructor(log: Logger) {
    this.#log = log;
  }

  get now(): readonly SharedService[] {
    return this.#now;
  }

  note(found: readonly SharedService[]): void {
    const known = new Set(this.#now.map(keyOf));
    this.#now = found;
    for (const one of found) {
      if (known.has(keyOf(one))) continue;
      this.#log.error(
        `also in the file of another instance, the two undo each other: ${keyOf(one)}`,
      );
    }
  }
}

function keyOf({ service, instance }: SharedService): string {
  return `${service} (${instance})`;
}
