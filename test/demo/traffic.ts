import { setTimeout as sleep } from 'node:timers/promises';
import { type Load, type LoadEvent, startLoad } from '../support/load.ts';
import type { Host } from '../support/topology/host.ts';

type Request = Exclude<LoadEvent, { readonly kind: 'summary' }>;

/** A client that asks for a page all the time, each request over a new connection. */
export class Traffic {
  readonly #load: Load;

  private constructor(load: Load) {
    this.#load = load;
  }

  static async start(client: Host, url: string): Promise<Traffic> {
    return new Traffic(await startLoad(client, { url, concurrency: 2, pauseMs: 5 }));
  }

  /** Requests that began at that time (ms since the epoch) or later. */
  since(atMs: number): readonly Request[] {
    return this.#requests().filter((request) => request.atMs >= atMs);
  }

  /** Waits for so many more requests, and returns those. */
  async next(count: number): Promise<readonly Request[]> {
    const from = this.#requests().length;
    while (this.#requests().length < from + count) await sleep(20);
    return this.#requests().slice(from);
  }

  async stop(): Promise<void> {
    await this.#load.stop();
  }

  #requests(): readonly Request[] {
    return this.#load.events().filter((event): event is Request => event.kind !== 'summary');
  }
}

/** Who answered how often: `real1 51, real2 49`, failures included. */
export function answersText(requests: readonly Request[]): string {
  const counts = new Map<string, number>();
  for (const request of requests) {
    const who = request.kind === 'answer' ? request.server : `no answer (${request.reason})`;
    counts.set(who, (counts.get(who) ?? 0) + 1);
  }
  return [...counts]
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([who, count]) => `${who} ${count}`)
    .join(', ');
}

/** The servers that answered, and whether every request got an answer. */
export function answerers(requests: readonly Request[]): {
  readonly names: string;
  readonly failures: number;
} {
  const names = new Set(requests.flatMap((r) => (r.kind === 'answer' ? [r.server] : [])));
  const failures = requests.filter(({ kind }) => kind === 'failure').length;
  return { names: [...names].sort().join(' '), failures };
}
