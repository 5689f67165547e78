/** One line of the comparison, or whatever the lists are of: in both lists, or in one of them. */
export interface Step {
  readonly sign: ' ' | '-' | '+';
  readonly line: string;
  /** How many of the two lists stand before it. */
  readonly before: number;
  readonly after: number;
}

/**
 * A shortest way from one list to the other, after E. W. Myers, "An O(ND) Difference Algorithm and
 * Its Variations" (1986). Round d goes on from where d - 1 changes reach.
 */
export function shortestEdit(a: readonly string[], b: readonly string[]): readonly Step[] {
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

/** How far one gets in the first list, by diagonal: index in the first less index in the second. */
type Reach = ReadonlyMap<number, number>;

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
