import http from 'node:http';
import https from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LoadEvent, LoadOptions, LoadSummary } from './load.ts';

// The load generator's own process. Argument: the options as JSON. SIGTERM ends it early, after
// the requests under way; the summary is always its last line.

const DEFAULT_TIMEOUT_MS = 5_000;
const options: LoadOptions = JSON.parse(process.argv[2] ?? '');
let remaining = options.requests ?? Number.POSITIVE_INFINITY;
process.once('SIGTERM', () => {
  remaining = 0;
});
const servers: Record<string, number> = {};
const statuses: Record<string, number> = {};
let [requests, failures] = [0, 0];
await Promise.all(Array.from({ length: options.concurrency ?? 1 }, work));
print({ kind: 'summary', requests, failures, servers, statuses } satisfies LoadSummary);

async function work(): Promise<void> {
  while (remaining > 0) {
    remaining -= 1;
    const event = await request();
    count(event);
    print(event);
    if (options.pauseMs !== undefined && remaining > 0) {
      await sleep(options.pauseMs);
    }
  }
}

type RequestEvent = Exclude<LoadEvent, LoadSummary>;

function count(event: RequestEvent): void {
  requests += 1;
  if (event.kind === 'failure') {
    failures += 1;
    return;
  }
  servers[event.server] = (servers[event.server] ?? 0) + 1;
  statuses[event.status] = (statuses[event.status] ?? 0) + 1;
}

async function request(): Promise<RequestEvent> {
  const atMs = Date.now();
  const startedAt = performance.now();
  const duration = (): number => Math.round(performance.now() - startedAt);
  try {
    const { status, server } = await exchange();
    return { kind: 'answer', atMs, durationMs: duration(), status, server };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { kind: 'failure', atMs, durationMs: duration(), reason };
  }
}

/** An answer counts when all of it came: a connection cut in the middle is a failure. */
async function exchange(): Promise<{ readonly status: number; readonly server: string }> {
  const response = await send();
  response.setEncoding('utf8');
  let body = '';
  for await (const chunk of response) {
    body += String(chunk);
  }
  const header = response.headers['x-server'];
  const server = typeof header === 'string' ? header : (body.split('\n')[0] ?? '').trim();
  return { status: response.statusCode ?? 0, server };
}

function send(): Promise<http.IncomingMessage> {
  const client = options.url.startsWith('https:') ? https : http;
  const settings = {
    agent: false,
    headers: { connection: 'close', ...options.headers },
    rejectUnauthorized: false,
    signal: AbortSignal.timeout(options.timeoutMs ?? DEFAULT_TIMEOUT_MS),
  };
  return new Promise((resolve, reject) => {
    client.get(options.url, settings, resolve).on('error', reject);
  });
}

function print(event: LoadEvent): void {
  process.stdout.write(`${JSON.stringify(event)}\n`);
}
