import type { FileResult } from './run-file.ts';

/** A file passed when it ran to its end, and no test of it failed. */
export function hasPassed(result: FileResult): boolean {
  return result.trouble === undefined && result.failed === 0;
}

/** What the runner prints when a file is done: one line if it passed, everything if it did not. */
export function renderFile(result: FileResult, verbose: boolean): string {
  const counts = [`${result.passed} passed`];
  if (result.failed > 0) {
    counts.push(`${result.failed} failed`);
  }
  if (result.skipped.length > 0) {
    counts.push(`${result.skipped.length} skipped`);
  }
  const mark = hasPassed(result) ? 'ok    ' : 'FAILED';
  const line = `${mark} ${result.name} (${counts.join(', ')}, ${result.durationMs} ms)`;
  const trouble = result.trouble === undefined ? '' : `\n       ${result.trouble}`;
  const output = verbose || !hasPassed(result) ? result.output.trimEnd() : '';
  return output === '' ? `${line}${trouble}\n` : `${output}\n${line}${trouble}\n`;
}

export interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** Adds up the files; a file that failed as a whole counts as one failed test. */
export function tally(results: readonly FileResult[]): Tally {
  let [passed, failed, skipped] = [0, 0, 0];
  for (const result of results) {
    passed += result.passed;
    failed += result.failed + (result.trouble === undefined ? 0 : 1);
    skipped += result.skipped.length;
  }
  return { passed, failed, skipped };
}

/** The end of a run: what failed and what was skipped, by name, then the totals alone on a line. */
export function renderSummary(results: readonly FileResult[]): string {
  const skipped = results.flatMap((result) =>
    result.skipped.map((test) => `skipped: ${result.name}: ${test.name}: ${test.reason}`),
  );
  const failed = results
    .filter((result) => !hasPassed(result))
    .map(
      (result) => `failed: ${result.name}: ${result.trouble ?? `${result.failed} tests failed`}`,
    );
  const total = tally(results);
  const counts = `${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`;
  return ['', ...skipped, ...failed, counts, ''].join('\n');
}
