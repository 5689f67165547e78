import { renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Host } from './topology/host.ts';

/** How the server answers from now on. */
export interface Behaviour {
  readonly status: number;
  /** Between a request and its answer; 0 if not given. */
  readonly delayMs?: number;
}

/** An answer that was given. */
export interface Answer {
  /** When it began to go out, in ms since the epoch. */
  readonly atMs: number;
  readonly status: number;
}

/** A web server on port 80 that does what a test tells it and says when it did. */
export interface ScriptedServer {
  behave(behaviour: Behaviour): void;
  /** All so far, in order. */
  answers(): readonly Answer[];
  stop(): Promise<void>;
}

const MAIN = fileURLToPath(new URL('./scripted-server-main.js', import.meta.url));
const START_TIMEOUT_MS = 20_000;

/** Starts it in a host, with 200 for everything, and waits until it accepts connections. */
export async function startScriptedServer(host: Host, directory: string): Promise<ScriptedServer> {
  const script = path.join(directory, `${host.name}.json`);
  // it may be read at any moment
  const behave = (behaviour: Behaviour): void => {
    writeFileSync(`${script}.new`, JSON.stringify(behaviour));
    renameSync(`${script}.new`, script);
  };
  behave({ status: 200 });
  const server = host.spawn([process.execPath, MAIN, script]);
  await server.waitForOutput(/listening\n/, START_TIMEOUT_MS);
  return {
    behave,
    answers: () =>
      server
        .output()
        .split('\n')
        .slice(0, -1)
        .filter((line) => line.startsWith('{'))
        .map((line) => JSON.parse(line)),
    stop: () => server.kill(),
  };
}
