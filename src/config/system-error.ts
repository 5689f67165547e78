import { getSystemErrorMap } from 'node:util';

/**
 * Why the system refused something, in its own words: `permission denied`. What was tried, and on
 * which file, is for the caller to say.
 */
export function systemErrorText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (!('errno' in error) || typeof error.errno !== 'number') return error.message;
  return getSystemErrorMap().get(error.errno)?.[1] ?? error.message;
}
