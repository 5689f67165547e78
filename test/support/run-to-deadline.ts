import { readFileSync } from 'node:fs';
import type { CheckOutcome } from '../../src/checks/check.ts';
import { deadlineMs } from '../../src/checks/deadline.ts';
import { runCheck } from '../../src/checks/registry.ts';
import type { CheckDefinition } from '../../src/config/check-model.ts';

/** Runs a check once as the scheduler does: cut off at its deadline. */
export async function runToDeadline(definition: CheckDefinition): Promise<CheckOutcome> {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(new Error('deadline')), deadlineMs(definition));
  try {
    return await runCheck(definition, controller);
  } finally {
    clearTimeout(timer);
  }
}

/** How many timers of this process are running. */
export function runningTimers(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
}

/** How many UDP sockets of this machine are connected to that port, IPv4 and IPv6 (proc_net(5)). */
export function udpSocketsTo(port: number): number {
  const wanted = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const lines = ['/proc/net/udp', '/proc/net/udp6'].flatMap((file) =>
    readFileSync(file, 'utf8').split('\n'),
  );
  return lines.filter((line) => line.trim().split(/\s+/)[2]?.endsWith(wanted)).length;
}
