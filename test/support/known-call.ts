import assert from 'node:assert/strict';
import { isAction } from '../../src/cli/ldirectord.ts';
import { configUsage, usage } from '../../src/cli/usage.ts';

/**
 * A call of the program in a document: its command, or its action, and its options are those of the
 * usage. What follows a `#`, `&&`, `||`, `|` or `>` is no part of it.
 */
export function assertCall(line: string): void {
  const [call = ''] = line.split(/#|&&|[|>]/);
  const [program, first = '', ...words] = call.trim().split(/\s+/);
  assert.equal(program, 'ipvsd', line);
  const form = ['sync', 'config'].includes(first) ? `${first} ${words[0]}` : first;
  const isOwn = `${usage}${configUsage}`.includes(`ipvsd ${form} `);
  assert.ok(isOwn || isAction(words.at(-1)), line);
  for (const option of words.filter((word) => word.startsWith('-'))) {
    assert.ok(`${usage}${configUsage}`.includes(option), line);
  }
}
