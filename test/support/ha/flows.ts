import { fileURLToPath } from 'node:url';
import type { Host } from '../topology/host.ts';
import { waitUntil } from '../wait-until.ts';

/** How a connection passes its time: a request each half second, or one page that is read slowly. */
export type FlowKind = 'requests' | 'download';

export interface FlowsOptions {
  readonly address: string;
  readonly port: number;
  /** What downloads ask for; must be too long to be read to its end. */
  readonly longPage: string;
  /** One connection for each, from an address of the host. */
  readonly flows: readonly { readonly from: string; readonly kind: FlowKind }[];
}

/** A connection that was made once and is used until it breaks. */
export interface Flow {
  readonly kind: FlowKind;
  /** `10.9.0.20:40000`, as the connection table of a director has it. */
  readonly client: string;
  /** By the header X-Server of its first answer. */
  readonly server: string;
  /** When it last had something from its server, in milliseconds since the epoch; 0: not yet. */
  readonly atMs: number;
  /** Why it broke. */
  readonly lost?: string;
}

/** Clients with established connections. */
export interface Flows {
  now(): readonly Flow[];
  /** Waits until each has had something from its server after this call, or is lost. */
  progress(timeoutMs: number): Promise<readonly Flow[]>;
  stop(): Promise<void>;
}

const MAIN = fileURLToPath(new URL('./flows-main.js', import.meta.url));
const START_MS = 60_000;

/** Makes the connections, and returns when each has had its first answer. */
export async function startFlows(host: Host, options: FlowsOptions): Promise<Flows> {
  const worker = host.spawn([process.execPath, MAIN, JSON.stringify(options)]);
  await worker.waitForOutput(/\n/, START_MS);
  const now = (): readonly Flow[] => {
    const text = worker.output();
    const end = text.lastIndexOf('\n');
    return JSON.parse(text.slice(text.lastIndexOf('\n', end - 1) + 1, end));
  };
  return {
    now,
    progress: async (timeoutMs) => {
      const sinceMs = Date.now();
      const isWaiting = ({ atMs, lost }: Flow) => lost === undefined && atMs <= sinceMs;
      await waitUntil(
        'each connection goes on',
        timeoutMs,
        () => !now().some(isWaiting),
        () => JSON.stringify(now().filter(isWaiting)),
      );
      return now();
    },
    stop: () => worker.stop(),
  };
}

/**
 * Lets clients ask once, each over a new connection.
 *
 * @returns the text that each got, by its address.
 */
export async function askOnce(
  host: Host,
  url: string,
  addresses: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const script = `for from in ${addresses.join(' ')}
do echo "$from $(curl --silent --max-time 10 --interface "$from" ${url})"; done`;
  const { stdout } = await host.exec(['sh', '-c', script], { timeoutMs: 240_000 });
  return new Map(
    stdout.split('\n').map((line) => {
      const [address = '', server = ''] = line.split(' ');
      return [address, server];
    }),
  );
}
