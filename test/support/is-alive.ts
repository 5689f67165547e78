import { readFileSync } from 'node:fs';

/** Whether a process runs; a zombie that nobody has waited for yet counts as gone. */
export function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
