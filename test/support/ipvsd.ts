import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { ExecResult, Host } from './topology/host.ts';
import type { HostProcess } from './topology/host-process.ts';

/** The program under test, as users run it. */
export const program = fileURLToPath(new URL('../../src/main.js', import.meta.url));

/** ipvsd on one configuration file in one host. */
export interface Ipvsd {
  readonly configPath: string;
  /** Runs a command of ipvsd to its end; `CONFIG` in it stands for the file. */
  call(...args: readonly string[]): Promise<ExecResult>;
  /** Starts `ipvsd run` and waits until it serves. */
  run(...options: readonly string[]): Promise<HostProcess>;
  /** Replaces the file. */
  write(text: string): void;
}

/** Writes a configuration for a host; nothing is started yet. */
export function ipvsdOn(host: Host, directory: string, name: string, text: string): Ipvsd {
  mkdirSync(directory, { recursive: true });
  const configPath = path.join(directory, name);
  writeFileSync(configPath, text);
  const argv = (args: readonly string[]) => [
    process.execPath,
    program,
    ...args.map((arg) => (arg === 'CONFIG' ? configPath : arg)),
  ];
  return {
    configPath,
    call: (...args) => host.exec(argv(args), { allowFailure: true }),
    run: async (...options) => {
      const daemon = host.spawn(argv(['run', 'CONFIG', ...options]));
      await daemon.waitForOutput(/(Serving|Standing by for) \d+ virtual servers/, 60_000);
      return daemon;
    },
    write: (replacement) => writeFileSync(configPath, replacement),
  };
}

/** The kernel's table of a host as `ipvsadm -Sn` prints it. */
export async function savedTable(host: Host): Promise<readonly string[]> {
  const { stdout } = await host.exec(['ipvsadm', '-Sn']);
  return stdout
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '');
}

/**
 * Waits until the table is as expected.
 *
 * @returns how long it took.
 * @throws Error with the table as it is, when the time is over.
 */
export async function waitForTable(
  host: Host,
  expected: readonly string[],
  timeoutMs: number,
): Promise<number> {
  const begin = performance.now();
  for (;;) {
    const table = await savedTable(host);
    const tookMs = performance.now() - begin;
    if (table.join('\n') === expected.join('\n')) return tookMs;
    if (tookMs > timeoutMs) {
      throw new Error(
        `table: expected within ${timeoutMs} ms\n${expected.join('\n')}\ngot\n${table.join('\n')}`,
      );
    }
    await sleep(50);
  }
}
