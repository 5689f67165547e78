import type { LoadEvent } from '../load.ts';

/** What clients saw of a change. */
export interface Outage {
  /** The longest time without an answer, from the end of one to the end of the next. */
  readonly longestMs: number;
  readonly answers: number;
  readonly failures: number;
}

/** Looks at what happened since a moment (milliseconds since the epoch). */
export function outageSince(events: readonly LoadEvent[], sinceMs: number): Outage {
  const requests = events.filter((event) => event.kind !== 'summary');
  const recent = requests.filter(({ atMs, durationMs }) => atMs + durationMs >= sinceMs);
  const answers = recent.filter(({ kind }) => kind === 'answer');
  const ends = [sinceMs, ...answers.map(({ atMs, durationMs }) => atMs + durationMs)];
  const gaps = ends.map((end, index) => end - (ends[index - 1] ?? sinceMs));
  return {
    longestMs: Math.max(...gaps),
    answers: answers.length,
    failures: recent.length - answers.length,
  };
}

/** The servers whose answers to requests begun since a moment came, each once, in order of name. */
export function serversSince(events: readonly LoadEvent[], sinceMs: number): readonly string[] {
  const names = events.flatMap((event) =>
    event.kind === 'answer' && event.atMs >= sinceMs ? [event.server] : [],
  );
  return [...new Set(names)].sort();
}

/** In words, for the figures that a test prints. */
export function outageText({ longestMs, failures }: Outage): string {
  return `${longestMs} ms without service, ${failures} requests failed`;
}
