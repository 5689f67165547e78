import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { FileResult } from './run-file.ts';
import { renderFile, renderSummary, tally } from './tally.ts';

const GOOD: FileResult = {
  name: 'config/lexer',
  passed: 3,
  failed: 0,
  skipped: [],
  trouble: undefined,
  durationMs: 12,
  output: 'noise',
};
const BAD: FileResult = { ...GOOD, name: 'checks/ping', passed: 1, failed: 2 };
const GONE: FileResult = { ...GOOD, name: 'kernel/a', passed: 0, trouble: 'no result' };

describe('the tally', () => {
  it('counts a file that failed as a whole as one failed test', () => {
    assert.deepEqual(tally([GOOD, BAD, GONE]), { passed: 4, failed: 3, skipped: 0 });
  });

  it('ends with the totals alone on a line, after the names of what failed or was skipped', () => {
    const skipped = { ...GOOD, skipped: [{ name: 'v6', reason: 'no IPv6' }] };
    assert.equal(
      renderSummary([skipped, BAD, GONE]),
      [
        '',
        'skipped: config/lexer: v6: no IPv6',
        'failed: checks/ping: 2 tests failed',
        'failed: kernel/a: no result',
        '4 passed, 3 failed, 1 skipped',
        '',
      ].join('\n'),
    );
  });

  it('shows the output of a file only when it failed or when asked', () => {
    assert.equal(renderFile(GOOD, false), 'ok     config/lexer (3 passed, 12 ms)\n');
    assert.equal(renderFile(GOOD, true), 'noise\nok     config/lexer (3 passed, 12 ms)\n');
    assert.match(renderFile(GONE, false), /^noise\nFAILED kernel\/a .*\n {7}no result\n$/);
  });
});
