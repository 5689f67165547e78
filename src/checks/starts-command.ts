import type { CheckDefinition } from '../config/check-model.ts';

/** Whether the check is made by a process of its own. */
export function startsCommand({ type }: CheckDefinition): boolean {
  return type === 'ping' || type === 'misc' || type === 'external' || type === 'external-perl';
}
