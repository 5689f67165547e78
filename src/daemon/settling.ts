import { serverKey, virtualKey } from '../config/keys.ts';
import type { Config, VirtualServer } from '../config/model.ts';
import type { ServerHealth } from '../health/server-health.ts';

/**
 * Virtual servers that are new and whose first checks are still on their way. They stay out of
 * the kernel for this short while, so that no client meets the fallback only because the first
 * answer takes some milliseconds.
 */
export class Settling {
  #waiting = new Map<string, VirtualServer>();

  /** Every virtual of `config` that `known` does not have begins to settle, unless it already has. */
  begin(config: Config, known: Config | undefined, health: ServerHealth): void {
    const old = new Set(known?.virtuals.map((virtual) => virtualKey(virtual.id)));
    this.#waiting = new Map(
      config.virtuals
        .map((virtual) => [virtualKey(virtual.id), virtual] as const)
        .filter(([key]) => !old.has(key) || this.#waiting.has(key)),
    );
    this.update(health);
  }

  /**
   * Lets go of those whose servers have all answered.
   *
   * @returns whether any was let go.
   */
  update(health: ServerHealth): boolean {
    let changed = false;
    for (const [key, virtual] of this.#waiting) {
      if (isSettled(virtual, health)) changed = this.#waiting.delete(key) || changed;
    }
    return changed;
  }

  /** Time is up: all count as settled. */
  end(): void {
    this.#waiting.clear();
  }

  get done(): boolean {
    return this.#waiting.size === 0;
  }

  /** The file without those that are still settling. */
  without(config: Config): Config {
    if (this.done) return config;
    const virtuals = config.virtuals.filter(({ id }) => !this.#waiting.has(virtualKey(id)));
    return { ...config, virtuals };
  }
}

function isSettled(virtual: VirtualServer, health: ServerHealth): boolean {
  return virtual.reals.every((real) => {
    const state = health.record(serverKey(virtual, real))?.state;
    // one that is up already comes from the kernel and serves, answered or not
    return state?.up || state?.checked || real.check.type === 'off';
  });
}
