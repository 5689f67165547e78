/**
 * Whether an expression repeats without bound what itself repeats without bound, with nothing in
 * between that tells one turn from the next: `(a+)+`, `(\w+\s?)*`, `(.*,)*`. Such an expression
 * tries every way to share an answer out between the two, which doubles with every character.
 *
 * @param expression as of `compileReceive`.
 */
export function hasNestedRepeats({ source }: RegExp): boolean {
  const open: Group[] = [newGroup()];
  const tokens = source.match(token) ?? [];
  for (const [i, text] of tokens.entries()) {
    const group = open.at(-1);
    const quantifier = quantifierOf(tokens[i + 1]);
    if (group === undefined) return false;
    if (text.startsWith('(')) open.push(newGroup());
    else if (text === '|') group.branches.push(newBranch());
    else if (text === ')') {
      open.pop();
      if (quantifier.unbounded && group.branches.some(isAmbiguous)) return true;
      open
        .at(-1)
        ?.branches.at(-1)
        ?.repeats.push(...repeatsOf(group));
    } else if (quantifierOf(text) === none) {
      const branch = group.branches.at(-1);
      if (quantifier.unbounded) branch?.repeats.push(text);
      else if (!quantifier.optional) branch?.separators.push(text);
    }
  }
  return false;
}

interface Branch {
  /** Characters and classes that come any number of times. */
  readonly repeats: string[];
  /** Those that must be there. */
  readonly separators: string[];
}

interface Group {
  readonly branches: Branch[];
}

/** An escape, a class, the beginning of a group, a quantifier, or a single character. */
const token =
  /\\x[0-9a-f]{2}|\\[\s\S]|\[(?:\\[\s\S]|[^\]\\])*\]|\((?:\?(?:<?[=!]|:|<\w+>))?|(?:[*+?]|\{\d+(?:,\d*)?\})\??|[\s\S]/gi;

const none = { unbounded: false, optional: false } as const;

function quantifierOf(text = ''): { readonly unbounded: boolean; readonly optional: boolean } {
  if (!/^(?:[*+?]|\{\d+(?:,\d*)?\})/.test(text)) return none;
  const unbounded = /^(?:[*+]|\{\d+,\})/.test(text);
  return { unbounded, optional: /^(?:\?|\{0,)/.test(text) };
}

function newBranch(): Branch {
  return { repeats: [], separators: [] };
}

function newGroup(): Group {
  return { branches: [newBranch()] };
}

function repeatsOf({ branches }: Group): readonly string[] {
  return branches.flatMap(({ repeats }) => repeats);
}

/** One turn cannot be told from two: nothing must stand in it that its repeats do not take as well. */
function isAmbiguous({ repeats, separators }: Branch): boolean {
  if (repeats.length === 0) return false;
  const taken = new Set(repeats.flatMap(charactersOf));
  return !separators.some((one) => {
    const characters = charactersOf(one);
    return characters.length > 0 && !characters.some((character) => taken.has(character));
  });
}

/** What of one byte a character or class stands for. */
function charactersOf(atom: string): readonly number[] {
  const expression = compiled(atom);
  return Array.from({ length: 256 }, (_, code) => code).filter((code) =>
    expression?.test(String.fromCharCode(code)),
  );
}

function compiled(atom: string): RegExp | undefined {
  try {
    return new RegExp(`^(?:${atom})$`);
  } catch {
    return undefined;
  }
}
