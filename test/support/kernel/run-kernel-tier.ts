import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type FileResult, runFile } from '../runner/run-file.ts';
import { runPool } from '../runner/run-pool.ts';
import { withTempDirectory } from '../temp-directory.ts';
import { isolate } from './isolate.ts';
import type { Place } from './place.ts';
import { bootUml, type UmlResult } from './uml.ts';
import { readReports, type WorkItem, writeWork } from './work.ts';

const POLL_MS = 100;
const WORK_MAIN = fileURLToPath(new URL('./work-main.js', import.meta.url));

/** What the files of one run may take. */
export interface TierLimits {
  readonly fileTimeoutMs: number;
  /** Of each machine that is booted. */
  readonly memoryMb: number;
  /** Folders that the files may write to; what they write elsewhere is thrown away. */
  readonly written: readonly string[];
}

/** Runs kernel test files in the given place and hands each result over as soon as it is there. */
export async function runKernelTier(
  place: Place,
  items: readonly WorkItem[],
  limits: TierLimits,
  onResult: (result: FileResult) => void,
): Promise<void> {
  await (place === 'host'
    ? runOnHost(items, limits, onResult)
    : runInMachines(items, limits, onResult));
}

async function runOnHost(
  items: readonly WorkItem[],
  limits: TierLimits,
  onResult: (result: FileResult) => void,
): Promise<void> {
  await runPool(items, availableParallelism(), async (item) => {
    const wrap = (argv: readonly string[]): readonly string[] => isolate(argv, { coverHost: true });
    onResult(
      await runFile(item, { wrap, timeoutMs: limits.fileTimeoutMs, live: items.length === 1 }),
    );
  });
}

/** A User-Mode Linux machine has one CPU: as many machines share the list as the host has. */
async function runInMachines(
  items: readonly WorkItem[],
  limits: TierLimits,
  onResult: (result: FileResult) => void,
): Promise<void> {
  await withTempDirectory('ipvsd-kernel', async (directory) => {
    writeWork(directory, { items, fileTimeoutMs: limits.fileTimeoutMs, live: items.length === 1 });
    const count = Math.min(items.length, availableParallelism());
    const machines = Array.from({ length: count }, (_, index) =>
      bootUml({
        command: [process.execPath, WORK_MAIN, directory, String(index)],
        cwd: process.cwd(),
        env: {
          ...passedOn('CI', 'RECORD_LDIRECTORD', 'RECORD_KEEPALIVED'),
          HOME: '/root',
          LANG: 'C.UTF-8',
        },
        shared: [directory, ...limits.written],
        memoryMb: limits.memoryMb,
        timeoutMs: limits.fileTimeoutMs * items.length + 60_000,
      }),
    );
    const ended = Promise.all(machines);
    const seen = await passOnUntil(ended, directory, onResult);
    const lost = items.filter((item) => !seen.has(item.name));
    const trouble = describeEnd(await ended);
    for (const { name } of lost) {
      onResult({ name, passed: 0, failed: 0, skipped: [], trouble, durationMs: 0, output: '' });
    }
  });
}

async function passOnUntil(
  ended: Promise<unknown>,
  directory: string,
  onResult: (result: FileResult) => void,
): Promise<ReadonlySet<string>> {
  const seen = new Set<string>();
  let done = false;
  const finish = ended.finally(() => {
    done = true;
  });
  for (;;) {
    const isLast = done;
    for (const result of readReports(directory)) {
      if (!seen.has(result.name)) {
        seen.add(result.name);
        onResult(result);
      }
    }
    if (isLast) {
      return seen;
    }
    await Promise.race([finish, sleep(POLL_MS)]);
  }
}

function describeEnd(machines: readonly UmlResult[]): string {
  const bad = machines.find((machine) => machine.exitCode !== 0) ?? machines[0];
  const how = bad?.timedOut ? 'ran out of time' : `ended with ${bad?.exitCode ?? 'no exit code'}`;
  return `no result, the machine ${how}; its console said:\n${bad?.consoleLog ?? ''}`;
}

function passedOn(...names: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value] as const];
    }),
  );
}
