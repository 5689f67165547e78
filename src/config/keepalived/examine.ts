import { didYouMean } from '../nearest.ts';
import type { Findings } from './finding.ts';
import type { BlockName, Fate, Keyword } from './keyword.ts';
import { findKeyword, keywords } from './keywords.ts';
import { nothing } from './parameters.ts';
import type { Statement } from './tree.ts';

/** What is said of a keyword for its fate alone. */
const fateKinds: Readonly<Record<Fate, 'lost' | 'hand' | 'note' | undefined>> = {
  converted: undefined,
  // one word for a whole block, see vrrp.ts
  stays: undefined,
  'no-meaning': 'note',
  lost: 'lost',
  hand: 'hand',
};

/**
 * Looks at every keyword by itself: is it known, are its parameters right, what becomes of it.
 *
 * @returns the statements that are known and right, in their order; the others are reported.
 */
export function examine(
  block: BlockName,
  statements: readonly Statement[],
  findings: Findings,
): readonly Statement[] {
  return statements.flatMap((statement) => {
    const keyword = findKeyword(block, statement.keyword);
    if (keyword === undefined) {
      reportUnknown(block, statement, findings);
      return [];
    }
    const right = rightPart(keyword, statement, findings);
    if (right === undefined) return [];
    const kind = fateKinds[keyword.fate];
    const isTold = kind !== undefined && keyword.isUsual?.(statement.words) !== true;
    if (isTold) findings.add(kind, statement, keyword.name, keyword.says ?? '');
    const { opens } = keyword;
    if (opens === undefined || opens === 'opaque' || opens === 'list') return [right];
    return [{ ...statement, block: examine(opens, statement.block ?? [], findings) }];
  });
}

function reportUnknown(block: BlockName, statement: Statement, findings: Findings): void {
  const { keyword } = statement;
  const known = keywords[block].map(({ name }) => name);
  const place = block === 'root' ? 'outside of all blocks' : `in ${block.replace('ssl_', '')}`;
  const near = didYouMean(keyword, known);
  const what = statement.block === undefined ? 'a keyword' : 'a keyword that opens a block';
  findings.add('error', statement, keyword, `expected ${what} that is known ${place}${near}`);
}

/** The statement without what keepalived does not read of it; undefined when it counts for nothing. */
function rightPart(
  keyword: Keyword,
  statement: Statement,
  findings: Findings,
): Statement | undefined {
  const { name, opens } = keyword;
  if (opens === undefined && statement.block !== undefined) {
    findings.add('error', statement, name, 'opens no block');
    return undefined;
  }
  if (opens !== undefined && opens !== 'opaque' && statement.block === undefined) {
    findings.add('error', statement, name, 'expected a block in braces');
    return undefined;
  }
  const { words } = statement;
  const expected = keyword.parameters(words);
  if (expected === undefined) return statement;
  const got = words.length === 0 ? 'nothing' : `"${words.join(' ')}"`;
  const message = `expected ${expected}, got ${got}`;
  const read = wordsRead(keyword, words);
  if (read !== undefined) {
    const surplus = words.slice(read.length).join(' ');
    const advice = 'as keepalived does: what is to count needs a line of its own';
    findings.add('hand', statement, name, `"${surplus}" in its line is ignored, ${advice}`);
    return { ...statement, words: read };
  }
  const [word = '', ...more] = words;
  const number = /^\d+(?=\D)/.exec(word)?.[0];
  const isPrefix = number !== undefined && keyword.parameters([number, ...more]) === undefined;
  const isFatal = opens !== undefined || word === '' || name === 'sorry_server';
  if (isPrefix) {
    findings.add('error', statement, name, `${message}, which keepalived takes for "${number}"`);
  } else if (isFatal) findings.add('error', statement, name, message);
  else findings.add('hand', statement, name, `${message}; ignored, as keepalived does`);
  return undefined;
}

/** keepalived looks at all words behind these. */
const readsAll =
  /^(payload|require_reply|status_code|lvs_method|lb_kind|sorry_server_lvs_method|lvs_timeouts)$/;

/**
 * keepalived reads as many words as a keyword has parameters, and none of those behind them:
 * `url { path / status_code 200 }` in one line has no status_code.
 */
function wordsRead(
  { name, parameters, opens }: Keyword,
  words: readonly string[],
): typeof words | undefined {
  if (readsAll.test(name)) return undefined;
  // the second word of a server is its port: a wrong one is not passed over
  const fewest = parameters === nothing ? 0 : opens === undefined ? 1 : 2;
  for (let count = words.length - 1; count >= fewest; count--) {
    const read = words.slice(0, count);
    if (parameters(read) === undefined) return read;
  }
  return undefined;
}
