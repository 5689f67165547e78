import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CheckOutcome } from '../../src/checks/check.ts';
import { type ChildEnd, outcomeOfChild } from '../../src/checks/child.ts';

describe('outcomeOfChild', () => {
  const exit = { kind: 'exit', stdout: '', stderr: '' } as const;
  const ends: readonly [end: ChildEnd, outcome: CheckOutcome][] = [
    [
      { ...exit, code: 0 },
      { up: true, reason: 'exit code 0' },
    ],
    [
      { ...exit, code: 255 },
      { up: false, reason: 'exit code 255' },
    ],
    [
      { kind: 'signal', name: 'SIGTERM' },
      { up: false, reason: 'killed by SIGTERM' },
    ],
    [
      { kind: 'missing', message: 'gone', isLocal: false },
      { up: false, reason: 'gone' },
    ],
    [
      { kind: 'not-startable', message: 'EAGAIN', isLocal: true },
      { up: false, reason: 'EAGAIN', inconclusive: true },
    ],
  ];
  for (const [end, outcome] of ends) {
    it(`${JSON.stringify(end)}`, () => assert.deepEqual(outcomeOfChild(end), outcome));
  }
});
