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
  return statements.flatMap((written) => {
    const keyword = findKeyword(block, written.keyword);
    if (keyword === undefined) {
      reportUnknown(block, written, findings);
      return [];
    }
    const statement = withoutSurplus(keyword, written, findings);
    if (!isRight(keyword, statement, findings)) return [];
    const kind = fateKinds[keyword.fate];
    if (kind !== undefined) findings.add(kind, statement, keyword.name, keyword.says ?? '');
    const { opens } = keyword;
    if (opens === undefined || opens === 'opaque' || opens === 'list') return [statement];
    return [{ ...statement, block: examine(opens, statement.block ?? [], findings) }];
  });
}

/** A keyword that says all by being there: keepalived does not look at what stands behind it. */
function withoutSurplus(
  { name, opens, parameters }: Keyword,
  statement: Statement,
  findings: Findings,
): Statement {
  const { words } = statement;
  if (parameters !== nothing || opens !== undefined || words.length === 0) return statement;
  const message = `expected no parameter, got "${words.join(' ')}"; it counts all the same, as in keepalived`;
  findings.add('hand', statement, name, message);
  return { ...statement, words: [] };
}

function reportUnknown(block: BlockName, statement: Statement, findings: Findings): void {
  const { keyword } = statement;
  const known = keywords[block].map(({ name }) => name);
  const place = block === 'root' ? 'outside of all blocks' : `in ${block.replace('ssl_', '')}`;
  const near = didYouMean(keyword, known);
  const what = statement.block === undefined ? 'a keyword' : 'a keyword that opens a block';
  findings.add('error', statement, keyword, `expected ${what} that is known ${place}${near}`);
}

function isRight(keyword: Keyword, statement: Statement, findings: Findings): boolean {
  const { name, opens } = keyword;
  if (opens === undefined && statement.block !== undefined) {
    findings.add('error', statement, name, 'opens no block');
    return false;
  }
  if (opens !== undefined && opens !== 'opaque' && statement.block === undefined) {
    findings.add('error', statement, name, 'expected a block in braces');
    return false;
  }
  const expected = keyword.parameters(statement.words);
  if (expected === undefined) return true;
  const got = statement.words.length === 0 ? 'nothing' : `"${statement.words.join(' ')}"`;
  const message = `expected ${expected}, got ${got}`;
  const [word = '', ...more] = statement.words;
  const number = /^\d+(?=\D)/.exec(word)?.[0];
  const isPrefix = number !== undefined && keyword.parameters([number, ...more]) === undefined;
  const isFatal = opens !== undefined || word === '' || name === 'sorry_server';
  if (isPrefix) {
    findings.add('error', statement, name, `${message}, which keepalived takes for "${number}"`);
  } else if (isFatal) findings.add('error', statement, name, message);
  else findings.add('hand', statement, name, `${message}; ignored, as keepalived does`);
  return false;
}
