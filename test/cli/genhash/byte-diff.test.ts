import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { byteDiff } from '../../../src/cli/genhash/byte-diff.ts';
import { constantText } from '../../../src/cli/genhash/constant-text.ts';

const bytes = fc
  .array(fc.constantFrom('abc ', 'x', '\n', '<p>', ' ', '17', 'hello'), { maxLength: 40 })
  .map((parts) => Buffer.from(parts.join('')));

describe('byteDiff', () => {
  it('names what makes the one of the other, in order and nowhere empty on both sides', () => {
    fc.assert(
      fc.property(bytes, bytes, (before, after) => {
        const parts: Buffer[] = [];
        let [x, y] = [0, 0];
        for (const difference of byteDiff(before, after)) {
          const same = before.subarray(x, difference.before.start);
          assert.equal(same.length, difference.after.start - y);
          assert.ok(!before.equals(after));
          parts.push(same, after.subarray(difference.after.start, difference.after.end));
          x = difference.before.end;
          y = difference.after.end;
        }
        parts.push(before.subarray(x));
        assert.deepEqual(Buffer.concat(parts), after);
      }),
    );
  });

  it('takes long pages that have nothing in common for one difference', () => {
    const [before, after] = ['x y\n', 'z\n'].map((text) => Buffer.from(text.repeat(5000)));
    const [first, ...rest] = byteDiff(before ?? Buffer.alloc(0), after ?? Buffer.alloc(0));
    assert.equal(rest.length, 0);
    assert.deepEqual(first?.before, { start: 0, end: 19_999 });
  });
});

describe('constantText', () => {
  it('lies outside of what changes, and means itself in a regular expression', () => {
    fc.assert(
      fc.property(bytes, bytes, (before, after) => {
        const changing = byteDiff(before, after).map((one) => one.before);
        const text = constantText(before, changing);
        if (text === undefined) return;
        assert.ok(before.includes(text));
        assert.ok(after.includes(text), `${text} in ${String(after)}`);
        assert.match(String(before), new RegExp(text));
      }),
    );
  });
});
