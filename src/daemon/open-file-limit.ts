import { readFileSync } from 'node:fs';
import type { RunLimits } from '../health/run-limits.ts';

/**
 * How many descriptors this process may have: the soft limit in /proc/self/limits (proc_pid_limits(5)),
 * which Node has raised to the hard one at its start; no program in Node can change it later.
 *
 * @returns Infinity for "unlimited", and where it cannot be read.
 */
export function openFileLimit(): number {
  try {
    return limitIn(readFileSync('/proc/self/limits', 'utf8'));
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

/** What the log says when checks have to wait for each other. */
export function shortageText(kind: keyof RunLimits, limits: RunLimits): string {
  const most = `at most ${limits[kind]} run at a time`;
  if (kind === 'commands') {
    return `checks that start a command wait for each other, the intervals are not kept: ${most}`;
  }
  const cause = `with ${openFileLimit()} open files (LimitNOFILE, ulimit -n)`;
  return `checks wait for each other, the intervals are not kept: ${most} ${cause}`;
}

function limitIn(limits: string): number {
  const soft = /^Max open files\s+(\d+)/m.exec(limits)?.[1];
  return soft === undefined ? Number.POSITIVE_INFINITY : Number(soft);
}
