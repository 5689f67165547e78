import { readFileSync, readlinkSync } from 'node:fs';
import { processNumbers } from './process-numbers.ts';

/**
 * The network namespace of a process: two see the same kernel tables exactly when this is equal;
 * namespaces(7).
 *
 * @returns `net:[INODE]`; nothing when the process is gone, or not for us to look at.
 */
export function networkNamespace(pid: number | 'self' = 'self'): string {
  try {
    return readlinkSync(`/proc/${pid}/ns/net`);
  } catch {
    return '';
  }
}

/** Whether a process is in a namespace, or a mount keeps it as "ip netns add" does; nsfs of mount(2). */
export function networkNamespaceExists(namespace: string): boolean {
  return (
    processNumbers().some((pid) => networkNamespace(pid) === namespace) ||
    readFileSync('/proc/self/mountinfo', 'utf8').includes(` ${namespace} `)
  );
}
