import { fileURLToPath } from 'node:url';
import type { Host } from './topology/host.ts';

export interface LoadOptions {
  /** http or https; certificates are not checked, as the servers of a test sign their own. */
  readonly url: string;
  /** How many requests; without it they go on until `stop`. */
  readonly requests?: number;
  /** How many at the same time; 1 if not given. */
  readonly concurrency?: number;
  /** A pause after each request of a worker; none if not given. */
  readonly pauseMs?: number;
  /** When a request without a full answer counts as failed; 5 s if not given. */
  readonly timeoutMs?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What the generator prints, one JSON object a line. Times are milliseconds since the epoch. */
export type LoadEvent =
  | {
      readonly kind: 'answer';
      readonly atMs: number;
      readonly durationMs: number;
      readonly status: number;
      /** The header X-Server, or the first line of the body where there is none. */
      readonly server: string;
    }
  | {
      readonly kind: 'failure';
      readonly atMs: number;
      readonly durationMs: number;
      readonly reason: string;
    }
  | LoadSummary;

export interface LoadSummary {
  readonly kind: 'summary';
  readonly requests: number;
  readonly failures: number;
  /** How many answers each server gave. */
  readonly servers: Readonly<Record<string, number>>;
  /** How many answers had each status. */
  readonly statuses: Readonly<Record<string, number>>;
}

/** A load generator at work in a host. */
export interface Load {
  /** What happened so far. */
  events(): readonly LoadEvent[];
  /** Lets the requests under way finish, ends the generator and adds up. */
  stop(): Promise<LoadSummary>;
  /** Waits for the last of the requests that were asked for. */
  done(): Promise<LoadSummary>;
}

const MAIN = fileURLToPath(new URL('./load-main.js', import.meta.url));
const START_TIMEOUT_MS = 30_000;

/**
 * Starts HTTP requests from a host, each over a new connection, and returns when the first one is
 * over. A process of its own: a Node process cannot change its network namespace.
 */
export async function startLoad(host: Host, options: LoadOptions): Promise<Load> {
  const worker = host.spawn([process.execPath, MAIN, JSON.stringify(options)]);
  await worker.waitForOutput(/\n/, START_TIMEOUT_MS);
  const done = async (): Promise<LoadSummary> => {
    await worker.exited;
    const last = parseEvents(worker.output()).at(-1);
    if (last?.kind !== 'summary') {
      throw new Error(`load: expected a summary at the end, got "${worker.output().slice(-2000)}"`);
    }
    return last;
  };
  return {
    events: () => parseEvents(worker.output()),
    done,
    stop: () => {
      worker.signal('SIGTERM');
      return done();
    },
  };
}

/** Runs a number of requests to their end. */
export async function runLoad(
  host: Host,
  options: LoadOptions & { readonly requests: number },
): Promise<LoadSummary> {
  const load = await startLoad(host, options);
  return load.done();
}

/** The text after the last line end is a line still being written. */
function parseEvents(text: string): readonly LoadEvent[] {
  return text
    .split('\n')
    .slice(0, -1)
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line));
}
