/** Lines of context around a change. */
const context = 3;

/**
 * What changes a text into another one, as `diff -u` writes it.
 *
 * @returns '' when the two are equal.
 */
export function unifiedDiff(before: string, after: string, path: string): string {
  const steps = compare(splitLines(before), splitLines(after));
  const hunks = hunksOf(steps);
  if (hunks.length === 0) return '';
  return [`--- ${path}\n+++ ${path}\n`, ...hunks.map(hunkText)].join('');
}

/** One line of the comparison: in both texts, or in one of them. */
interface Step {
  readonly sign: ' ' | '-' | '+';
  /** With its line ending. */
  readonly line: string;
  /** How many lines of the two texts stand before it. */
  readonly before: number;
  readonly after: number;
}

function splitLines(text: string): readonly string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

/** How far one gets in the first list, by diagonal: index in the first less index in the second. */
type Reach = ReadonlyMap<number, number>;

/**
 * A shortest way from one list to the other, after E. W. Myers, "An O(ND) Difference Algorithm and
 * Its Variations" (1986). Round d goes on from where d - 1 changes reach.
 */
function compare(a: readonly string[], b: readonly string[]): readonly Step[] {
  const rounds: Reach[] = [];
  let reach: Reach = new Map([[1, 0]]);
  for (let d = 0; ; d++) {
    rounds.push(reach);
    const next = new Map(reach);
    for (let k = -d; k <= d; k += 2) {
      const from = origin(reach, k, d);
      let x = from.k === k + 1 ? from.x : from.x + 1;
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) x++;
      next.set(k, x);
      if (x >= a.length && x - k >= b.length) return trace(a, b, rounds);
    }
    reach = next;
  }
}

/** From which neighbour diagonal k is entered in round d: the one that gets further. */
function origin(reach: Reach, k: number, d: number): { readonly k: number; readonly x: number } {
  const above = reach.get(k + 1) ?? -1;
  const below = reach.get(k - 1) ?? -1;
  const fromAbove = k === -d || (k !== d && below < above);
  return fromAbove ? { k: k + 1, x: above } : { k: k - 1, x: below };
}

/** The way back, from the ends of both lists through all rounds. */
function trace(
  a: readonly string[],
  b: readonly string[],
  rounds: readonly Reach[],
): readonly Step[] {
  const steps: Step[] = [];
  let x = a.length;
  let y = b.length;
  const common = (untilX: number, untilY: number): void => {
    while (x > untilX && y > untilY) {
      x--;
      y--;
      steps.push({ sign: ' ', line: a[x] ?? '', before: x, after: y });
    }
  };
  for (let d = rounds.length - 1; d > 0; d--) {
    const k = x - y;
    const from = origin(rounds[d] ?? new Map(), k, d);
    common(from.x, from.x - from.k);
    if (from.k === k + 1) {
      y--;
      steps.push({ sign: '+', line: b[y] ?? '', before: x, after: y });
    } else {
      x--;
      steps.push({ sign: '-', line: a[x] ?? '', before: x, after: y });
    }
  }
  common(0, 0);
  return steps.toReversed();
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
