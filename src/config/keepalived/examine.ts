import { didYouMean } from '../nearest.ts';
import type { Findings } from './finding.ts';
import type { BlockName, Fate, Keyword } from './keyword.ts';
import { findKeyword, keywords } from './keywords.ts';
import type { Statement } from './tree.ts';

/** Parameters that come to be known as wrong only by what they do are ignored by keepalived too. */
const fateKinds: Readonly<Record<Fate, 'lost' | 'hand' | 'changed' | 'note' | undefined>> = {
  converted: undefined,
  // one word for a whole block, see vrrp.ts
  stays: undefined,
  'no-meaning': 'note',
  lost: 'lost',
  hand: 'hand',
  changed: 'changed',
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
    if (!isRight(keyword, statement, findings)) return [];
    const kind = fateKinds[keyword.fate];
    if (kind !== undefined) findings.add(kind, statement, keyword.name, keyword.says ?? '');
    const { opens } = keyword;
    if (opens === undefined || opens === 'opaque' || opens === 'list') return [statement];
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
  const isFatal = opens !== undefined || statement.words.length === 0 || name === 'sorry_server';
  if (isFatal) findings.add('error', statement, name, message);
  else findings.add('hand', statement, name, `${message}; ignored, as keepalived does`);
  return false;
}
