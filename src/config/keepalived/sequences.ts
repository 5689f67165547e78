/** A `~SEQ` or `~LST` at the start of a line. */
export interface Sequence {
  /** One entry a round: the values of its variables. */
  readonly rounds: readonly (readonly (readonly [name: string, value: string])[])[];
  /** The line that each round is about. */
  readonly rest: string;
}

const name = /^[A-Za-z_]\w*$/;

/** More rounds than any table of the kernel has use for are a slip. */
const maxRounds = 65_536;

/**
 * Reads `~SEQ(var, start[, step], end) text`, `~SEQx(...)` and `~LST(var, v1, v2, ...) text`.
 *
 * @returns undefined for a line that is none, a text for one that is wrong: what was expected.
 */
export function readSequence(text: string): Sequence | string | undefined {
  const word = /^\s*(~SEQx?|~LST)(?=\()/.exec(text);
  if (word === null) return undefined;
  const open = word[0].length;
  const close = text.indexOf(')', open);
  if (close < 0) return `expected a closing parenthesis, got "${text.trim()}"`;
  const inner = text.slice(open + 1, close);
  const rest = text.slice(close + 1);
  const rounds = word[1] === '~LST' ? listRounds(inner) : numberRounds(inner, word[1] === '~SEQx');
  if (typeof rounds === 'string') return rounds;
  return { rounds, rest };
}

function numberRounds(inner: string, hexadecimal: boolean): Sequence['rounds'] | string {
  const [variable = '', ...words] = inner.split(',').map((part) => part.trim());
  const numbers = words.map((part) => (/^-?(0x[\da-f]+|\d+)$/i.test(part) ? toNumber(part) : NaN));
  const expected = `expected (NAME, [START, [STEP,]] END), got "(${inner})"`;
  if (!name.test(variable) || numbers.length < 1 || numbers.length > 3) return expected;
  if (numbers.some(Number.isNaN)) return expected;
  const end = numbers.at(-1) ?? 0;
  const start = numbers.length > 1 ? (numbers[0] ?? 0) : Math.sign(end);
  const step = numbers.length > 2 ? (numbers[1] ?? 0) : end < start ? -1 : 1;
  if (step === 0 || Math.abs((end - start) / step) >= maxRounds) return expected;
  const rounds: [string, string][][] = [];
  for (let value = start; step > 0 ? value <= end : value >= end; value += step) {
    rounds.push([[variable, value.toString(hexadecimal ? 16 : 10)]]);
  }
  return rounds;
}

function toNumber(text: string): number {
  return text.startsWith('-') ? -Number(text.slice(1)) : Number(text);
}

function listRounds(inner: string): Sequence['rounds'] | string {
  const [first = [], ...others] = listItems(inner);
  const expected = `expected (NAME, VALUE, ...) or ({NAME, ...}, {VALUE, ...}, ...), got "(${inner})"`;
  if (others.length === 0 || !first.every((one) => name.test(one))) return expected;
  if (others.some((values) => values.length !== first.length)) return expected;
  return others.map((values) => first.map((variable, at) => [variable, values[at] ?? ''] as const));
}

/** `a, {b, c}` to [["a"], ["b", "c"]]. */
function listItems(inner: string): readonly (readonly string[])[] {
  return [...inner.matchAll(/\{([^{}]*)\}|([^{},]+)/g)].flatMap(([, tuple, single = '']) => {
    if (tuple !== undefined) return [tuple.split(',').map((part) => part.trim())];
    return single.trim() === '' ? [] : [[single.trim()]];
  });
}
