import { type Step, shortestEdit } from './shortest-edit.ts';

/** Lines of context around a change. */
const context = 3;

/**
 * What changes a text into another one, as `diff -u` writes it.
 *
 * @returns '' when the two are equal.
 */
export function unifiedDiff(before: string, after: string, path: string): string {
  const steps = shortestEdit(splitLines(before), splitLines(after));
  const hunks = hunksOf(steps);
  if (hunks.length === 0) return '';
  return [`--- ${path}\n+++ ${path}\n`, ...hunks.map(hunkText)].join('');
}

function splitLines(text: string): readonly string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

/** Changes that are near to each other, with their context. */
function hunksOf(steps: readonly Step[]): readonly (readonly Step[])[] {
  const hunks: Step[][] = [];
  let lastChange = Number.NEGATIVE_INFINITY;
  for (const [index, step] of steps.entries()) {
    const upcoming = steps.slice(index, index + context + 1);
    if (step.sign !== ' ') lastChange = index;
    const isNear = index - lastChange <= context || upcoming.some(({ sign }) => sign !== ' ');
    if (!isNear) continue;
    const hunk = hunks.at(-1);
    const isNext = hunk !== undefined && hunk.at(-1) === steps[index - 1];
    if (isNext) hunk.push(step);
    else hunks.push([step]);
  }
  return hunks;
}

function hunkText(hunk: readonly Step[]): string {
  const [first] = hunk;
  if (first === undefined) return '';
  const removed = hunk.filter(({ sign }) => sign !== '+').length;
  const added = hunk.filter(({ sign }) => sign !== '-').length;
  const head = `@@ -${range(first.before, removed)} +${range(first.after, added)} @@\n`;
  return head + hunk.map(stepText).join('');
}

/** An empty range is named by the line before it. */
function range(start: number, count: number): string {
  if (count === 1) return `${start + 1}`;
  return `${count === 0 ? start : start + 1},${count}`;
}

function stepText({ sign, line }: Step): string {
  if (line.endsWith('\n')) return sign + line;
  return `${sign}${line}\n\\ No newline at end of file\n`;
}
