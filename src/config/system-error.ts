import { getSystemErrorMap } from 'node:util';

/** What an error says; whatever else was thrown, as text. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/**
 * Why the system refused something, in its own words: `permission denied`. What was tried, and on
 * which file, is for the caller to say.
 */
export function systemErrorText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const errno = 'errno' in error && typeof error.errno === 'number' ? error.errno : 0;
  const known = getSystemErrorMap().get(errno)?.[1];
  // "ENOENT: no such file or directory, open '/x'": the code before and the call behind the words
  return known ?? error.message.replace(/^E\w+: /, '').replace(/, \w+( '.*')?$/s, '');
}
