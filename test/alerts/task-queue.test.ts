import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { TaskQueue } from '../../src/alerts/task-queue.ts';
import { recordedLog } from '../support/recorded-log.ts';

const never = new AbortController().signal;

describe('TaskQueue', () => {
  it('works one piece after the other, in order, also after one that fails', async () => {
    const done: string[] = [];
    const { log, lines } = recordedLog();
    const queue = new TaskQueue<string>(log, async (item) => {
      await Promise.resolve();
      done.push(item);
      if (item === 'b') throw new Error('b failed');
    });
    for (const item of ['a', 'b', 'c']) queue.add(item);
    assert.deepEqual([done, queue.waiting], [[], ['b', 'c']]);
    await queue.close(never);
    queue.add('d');
    await queue.close(never);
    assert.deepEqual(done, ['a', 'b', 'c', 'd']);
    assert.deepEqual(lines, ['error b failed']);
  });

  it('close: an aborted signal ends the running piece and drops the others', async () => {
    const begun: string[] = [];
    const queue = new TaskQueue<string>(recordedLog().log, (item, signal) => {
      begun.push(item);
      return new Promise((resolve) => signal.addEventListener('abort', () => resolve()));
    });
    queue.add('a');
    queue.add('b');
    await queue.close(AbortSignal.abort());
    assert.deepEqual([begun, queue.waiting], [['a'], []]);
  });
});
