import { serverKey, virtualKey } from '../config/keys.ts';
import type { Config, VirtualServer } from '../config/model.ts';
import type { ServerHealth } from '../health/server-health.ts';

/**
 * Virtual servers that are new and whose first checks are still on their way. They stay out of
 * the kernel for this short while, so that no client meets the fallback only because the first
 * answer takes some milliseconds.
 */
export class Settling {
  /** The servers of each whose first answer is missing, by `virtualKey`. */
  #waiting = new Map<string, Set<string>>();
  /** `virtualKey` of those servers, by `serverKey`. */
  #virtuals = new Map<string, string>();

  /** Those that were not in the file before. */
  #fresh = new Set<string>();
  #onDone: (() => void)[] = [];

  /** Every virtual of `config` with a server that has not answered yet begins to settle. */
  begin(config: Config, known: Config | undefined, health: ServerHealth): void {
    const old = new Set(known?.virtuals.map((virtual) => virtualKey(virtual.id)));
    const fresh = this.#fresh;
    this.end();
    for (const virtual of config.virtuals) {
      const key = virtualKey(virtual.id);
      if (!old.has(key) || fresh.has(key)) this.#fresh.add(key);
      const missing = unansweredServers(virtual, health);
      if (missing.length > 0) this.#waiting.set(key, new Set(missing));
      for (const server of missing) this.#virtuals.set(server, key);
    }
  }

  /** Takes note of a server's first answer; its virtual is let go with the last of them. */
  answered(server: string): void {
    const virtual = this.#virtuals.get(server) ?? '';
    const missing = this.#waiting.get(virtual);
    missing?.delete(server);
    if (missing?.size === 0) this.#waiting.delete(virtual);
    this.#tellIfDone();
  }

  /** Time is up: all count as settled. */
  end(): void {
    this.#waiting.clear();
    this.#virtuals.clear();
    this.#fresh = new Set();
    this.#tellIfDone();
  }

  /** Resolves when all have settled. */
  finished(): Promise<void> {
    return new Promise((resolve) => {
      this.#onDone.push(resolve);
      this.#tellIfDone();
    });
  }

  #tellIfDone(): void {
    if (!this.done) return;
    for (const resolve of this.#onDone.splice(0)) resolve();
  }

  get done(): boolean {
    return this.#waiting.size === 0;
  }

  /** The file without the new ones that are still settling. */
  without(config: Config): Config {
    if (this.done) return config;
    const isSettling = (key: string) => this.#waiting.has(key) && this.#fresh.has(key);
    const virtuals = config.virtuals.filter(({ id }) => !isSettling(virtualKey(id)));
    return { ...config, virtuals };
  }
}

function unansweredServers(virtual: VirtualServer, health: ServerHealth): readonly string[] {
  return [...virtual.reals, ...virtual.fallbacks].flatMap((server) => {
    const key = serverKey(virtual, server);
    const state = health.record(key)?.state;
    // one that is up already comes from the kernel and serves, answered or not
    const isAsked = server.checks.some(({ definition }) => definition.type !== 'off');
    return state?.up || state?.checked || !isAsked ? [] : [key];
  });
}
