import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { commandWords, shellSign } from '../../src/config/command-words.ts';

describe('commandWords', () => {
  const rows: readonly [string, readonly string[] | undefined][] = [
    ['/bin/x', ['/bin/x']],
    ['  /bin/x  a\tb ', ['/bin/x', 'a', 'b']],
    [`/bin/x 'b c' "d e"`, ['/bin/x', 'b c', 'd e']],
    [`/bin/x a'b c'd"e"`, ['/bin/x', 'ab cde']],
    [`"/my dir/x" ''`, ['/my dir/x', '']],
    [`x "a \\"b\\" \\\\ \\n"`, ['x', 'a "b" \\ \\n']],
    [`x 'a\\b'`, ['x', 'a\\b']],
    [String.raw`x a\ b \'`, ['x', 'a b', "'"]],
    ['x $HOME | y > z', ['x', '$HOME', '|', 'y', '>', 'z']],
    ['', undefined],
    ['   ', undefined],
    ['x "a', undefined],
    ["x 'a", undefined],
    ['x a\\', undefined],
  ];
  for (const [text, words] of rows) {
    it(`${JSON.stringify(text)} is ${JSON.stringify(words)}`, () => {
      assert.deepEqual(commandWords(text), words);
    });
  }

  it('gives back any words that were quoted', () => {
    const quote = (word: string) => `'${word.replaceAll("'", "'\\''")}'`;
    fc.assert(
      fc.property(fc.array(fc.string(), { minLength: 1 }), (words) => {
        assert.deepEqual(commandWords(words.map(quote).join(' ')), words);
      }),
    );
  });
});

describe('shellSign', () => {
  it('finds what only a shell understands, outside of single quotes', () => {
    assert.equal(shellSign('/bin/x > /dev/null'), '>');
    assert.equal(shellSign('/bin/x "$HOME"'), '$');
    assert.equal(shellSign("sh -c 'x | y'"), undefined);
    assert.equal(shellSign('/bin/x -a --b=c:d/e,f'), undefined);
  });
});
