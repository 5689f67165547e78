import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { diagnosticLine } from '../../src/config/diagnostic.ts';
import { parseConfig } from '../../src/config/load.ts';
import { hasNestedRepeats } from '../../src/config/nested-repeats.ts';
import { compileReceive } from '../../src/config/receive.ts';

describe('hasNestedRepeats', () => {
  for (const slow of [
    '(a+)+$',
    '^(\\w+\\s?)*$',
    'x(?:a*b*)*y',
    '(.*,)*z',
    '((ab*)+c?)+',
    '(\\d+|x){2,}',
    '([a-z]+)*?!',
  ]) {
    it(`sees ${slow}`, () => assert.equal(hasNestedRepeats(compileReceive(slow)), true));
  }
  for (const quick of [
    'a+b+',
    '(ab)+',
    '(,\\d+)*',
    '[(a+)+]',
    '\\(a+\\)+',
    '(a+)?',
    '(\\w+\\s)+',
    '(a+){3}',
    '^(?=a+)b+$',
    '(?i)ok|good',
  ]) {
    it(`passes over ${quick}`, () => assert.equal(hasNestedRepeats(compileReceive(quick)), false));
  }

  it('is warned of when a file is read', async () => {
    const text = 'virtual=10.9.0.1:80\n\treal=10.9.0.2:80 gate "/", "(a+)+$"\n\treceive="(b+)+"\n';
    const { config, diagnostics } = await parseConfig(text, 'a.cf');
    assert.ok(config);
    const words =
      'repeats what repeats itself: an answer that nearly matches takes too long to search, and counts as failed then';
    assert.deepEqual(
      diagnostics.map((one) => diagnosticLine(one)),
      [
        `a.cf:2:7: warning: real: "(a+)+$" ${words}`,
        `a.cf:3:10: warning: receive: "(b+)+" ${words}`,
      ],
    );
  });
});
