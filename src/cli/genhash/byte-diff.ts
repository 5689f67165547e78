import { shortestEdit } from '../shortest-edit.ts';

/** Bytes from `start` up to, but not, `end`. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** A place where two byte strings differ: what stands there in the one and in the other. */
export interface Difference {
  readonly before: Range;
  readonly after: Range;
}

/** Pieces that are compared one by one; more make one difference of all that is between. */
const longestList = 600;

/** Words, runs of blanks, and every other byte by itself; or else lines. */
const pieces = [/\w+|[\t ]+|[\s\S]/g, /[^\n]*\n|[^\n]+$/g];

/** The differences of two byte strings, in order; none when they are equal. */
export function byteDiff(before: Buffer, after: Buffer): readonly Difference[] {
  if (before.equals(after)) return [];
  const shorter = Math.min(before.length, after.length);
  let head = 0;
  while (head < shorter && before[head] === after[head]) head++;
  let tail = 0;
  while (
    tail < shorter - head &&
    before[before.length - 1 - tail] === after[after.length - 1 - tail]
  ) {
    tail++;
  }
  const [from, to] = [before, after].map((bytes) =>
    bytes.toString('latin1').slice(head, bytes.length - tail),
  );
  return compareMiddle(from ?? '', to ?? '', head);
}

function compareMiddle(from: string, to: string, offset: number): readonly Difference[] {
  for (const piece of pieces) {
    const [a, b] = [from.match(piece) ?? [], to.match(piece) ?? []];
    if (a.length + b.length <= longestList) return differences(a, b, offset);
  }
  return [
    {
      before: { start: offset, end: offset + from.length },
      after: { start: offset, end: offset + to.length },
    },
  ];
}

function differences(
  a: readonly string[],
  b: readonly string[],
  offset: number,
): readonly Difference[] {
  const found: Difference[] = [];
  let [x, y] = [offset, offset];
  let current: { readonly x: number; readonly y: number } | undefined;
  const flush = (): void => {
    if (current === undefined) return;
    found.push({ before: { start: current.x, end: x }, after: { start: current.y, end: y } });
    current = undefined;
  };
  for (const { sign, line } of shortestEdit(a, b)) {
    if (sign === ' ') flush();
    else current ??= { x, y };
    if (sign !== '+') x += line.length;
    if (sign !== '-') y += line.length;
  }
  flush();
  return found;
}
