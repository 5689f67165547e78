import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { execa } from 'execa';
import fc from 'fast-check';
import { unifiedDiff } from '../../src/cli/unified-diff.ts';
import { withTempDirectory } from '../support/temp-directory.ts';

const numbered = (...lines: readonly (number | string)[]): string =>
  lines.map((line) => `${line}\n`).join('');

/** Applies a diff in its own words: every line of context and removal must be in its place. */
function patched(text: string, diff: string): string {
  const lines = text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  const out: string[] = [];
  let at = 0;
  for (const hunk of diff.split(/^(?=@@ )/m).slice(1)) {
    const [, start = '', count = '1'] =
      /^@@ -(\d+)(?:,(\d+))? \+\d+(?:,\d+)? @@\n/.exec(hunk) ?? [];
    const begin = Number(start) - (count === '0' ? 0 : 1);
    while (at < begin) out.push(lines[at++] ?? '');
    const body = hunk.replace(/^.*\n/, '').replaceAll(/\n\\ No newline at end of file\n/g, '\0');
    for (const [, sign, line = '', end] of body.matchAll(/([-+ ])([^\n\0]*)([\n\0])/g)) {
      const whole = end === '\0' ? line : `${line}\n`;
      if (sign !== '+') assert.equal(lines[at++], whole);
      if (sign !== '-') out.push(whole);
    }
  }
  return [...out, ...lines.slice(at)].join('');
}

describe('unifiedDiff', () => {
  it('is empty for equal texts', () => {
    assert.equal(unifiedDiff('a\n', 'a\n', 'x'), '');
    assert.equal(unifiedDiff('', '', 'x'), '');
  });

  it('shows a change with three lines around it', () => {
    assert.equal(
      unifiedDiff(
        numbered(1, 2, 3, 4, 5, 6, 7, 8, 9),
        numbered(1, 2, 3, 4, 'x', 6, 7, 8, 9),
        'a.cf',
      ),
      '--- a.cf\n+++ a.cf\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+x\n 6\n 7\n 8\n',
    );
  });

  it('shows a new line, a line that goes, and a missing newline', () => {
    assert.equal(
      unifiedDiff(numbered('a'), numbered('a', 'b'), 'x'),
      '--- x\n+++ x\n@@ -1 +1,2 @@\n a\n+b\n',
    );
    assert.equal(unifiedDiff('', 'a\n', 'x'), '--- x\n+++ x\n@@ -0,0 +1 @@\n+a\n');
    assert.equal(
      unifiedDiff('a', '', 'x'),
      '--- x\n+++ x\n@@ -1 +0,0 @@\n-a\n\\ No newline at end of file\n',
    );
  });

  it('makes one hunk of near changes and two of distant ones', () => {
    const lines = Array.from({ length: 40 }, (_, i) => `${i}`);
    const changed = (...at: readonly number[]): string =>
      numbered(...lines.map((line, i) => (at.includes(i) ? 'x' : line)));
    const hunks = (text: string): number => text.split('@@ -').length - 1;
    assert.equal(hunks(unifiedDiff(numbered(...lines), changed(10, 16), 'x')), 1);
    assert.equal(hunks(unifiedDiff(numbered(...lines), changed(10, 18), 'x')), 2);
  });

  it('leads from any text to any other', () => {
    const line = fc.constantFrom('a', 'b', 'c', 'd');
    const text = fc
      .tuple(fc.array(line, { maxLength: 30 }), fc.boolean())
      .map(([lines, newline]) => lines.join('\n') + (newline && lines.length > 0 ? '\n' : ''));
    fc.assert(
      fc.property(text, text, (a, b) => {
        assert.equal(patched(a, unifiedDiff(a, b, 'x')), b);
      }),
    );
  });

  it('is what diff -u says', async () => {
    await withTempDirectory('diff', async (folder) => {
      const [a, b] = ['a', 'b'].map((name) => join(folder, name));
      assert.ok(a !== undefined && b !== undefined);
      writeFileSync(a, numbered(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12));
      writeFileSync(b, numbered(0, 1, 2, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13));
      const { stdout } = await execa('diff', ['-u', '--label', 'x', '--label', 'x', a, b], {
        reject: false,
        stripFinalNewline: false,
      });
      const found = unifiedDiff(
        numbered(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12),
        numbered(0, 1, 2, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13),
        'x',
      );
      assert.equal(found, stdout);
    });
  });
});
