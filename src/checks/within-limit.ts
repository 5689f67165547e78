/**
 * Gives a check a time limit of its own, for those that have more to say at its end than that no
 * answer came. Such a check gets a later deadline from the scheduler (deadline.ts).
 *
 * @param ask is handed a signal that is aborted at the limit, and when `signal` is.
 * @param atLimit says what has been found when the limit passed first.
 * @throws what `ask` rejects with before the limit.
 */
export async function withinLimit<T>(
  limitMs: number,
  signal: AbortSignal,
  ask: (signal: AbortSignal) => Promise<T>,
  atLimit: () => T,
): Promise<T> {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), limitMs);
  try {
    return await ask(AbortSignal.any([signal, limit.signal]));
  } catch (error) {
    if (limit.signal.aborted && !signal.aborted) return atLimit();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
