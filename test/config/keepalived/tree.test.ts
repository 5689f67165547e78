import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Findings, findingLine } from '../../../src/config/keepalived/finding.ts';
import { readTree, type Statement } from '../../../src/config/keepalived/tree.ts';

/** `a(b c) { d }` */
function show(statements: readonly Statement[]): string {
  return statements
    .map(({ keyword, words, block }) => {
      const head = [keyword, ...words].join('|');
      return block === undefined ? head : `${head} {${show(block)}}`;
    })
    .join(' ');
}

function read(text: string) {
  const findings = new Findings();
  const lines = text.split('\n').map((line, at) => ({ file: 'k', line: at + 1, text: line }));
  const tree = readTree(lines, findings);
  return { tree, shown: show(tree), findings: findings.list.map(findingLine) };
}

describe('readTree', () => {
  const cases: readonly [string, string][] = [
    ['a b\nc', 'a|b c'],
    ['a {\nb\n}\nc', 'a {b} c'],
    ['a\n{\nb }\nc', 'a {b} c'],
    ['a{ b 1 }', 'a {b|1}'],
    ['a { b { c } }d', 'a {b {c}} d'],
    ['a { b 2}', 'a {b|2}'],
    ['a "b { c }" d', 'a|b { c }|d'],
    ['path /a{b', 'path|/a {b}'],
    ["notify_up '/x {' u", "notify_up|'/x|{'|u"],
    ['notify_up "a \\"{\\" b" u', 'notify_up|a \\|{\\| b|u'],
    ['a {\n10.0.0.1 80\n}', 'a {10.0.0.1|80}'],
  ];
  for (const [text, shown] of cases) {
    it(JSON.stringify(text), () => assert.equal(read(text).shown, shown));
  }

  it('keeps line and raw text of each statement', () => {
    const [statement] = read('\n  notify_up  "a b"   u  ').tree;
    assert.deepEqual(statement, {
      file: 'k',
      line: 2,
      keyword: 'notify_up',
      words: ['a b', 'u'],
      raw: '"a b"   u',
    });
  });

  const wrong: readonly [string, string][] = [
    ['a {', 'k:1: a: error: expected "}" at the end of its block'],
    ['a }', 'k:1: }: error: closes no block'],
    ['{', 'k:1: {: error: expected a keyword before it'],
    ['a { { b } }', 'k:1: {: error: expected a keyword before it'],
    ['a "b', 'k:1: a "b: error: expected a closing quote'],
  ];
  for (const [text, finding] of wrong) {
    it(`${JSON.stringify(text)} is wrong`, () => assert.deepEqual(read(text).findings, [finding]));
  }
});
