import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import type { FileCheck } from '../../src/config/block-checks.ts';
import { runningTimers, runToDeadline } from '../support/run-to-deadline.ts';
import { temporaryDirectory } from '../support/script.ts';

describe('checkFile with weight 0', () => {
  for (const [text, up] of [
    ['0\n', true],
    ['-0', true],
    ['1\n', false],
    ['-1\n', false],
    ['2147483647', false],
  ] as const) {
    it(`${JSON.stringify(text)} is ${up ? 'up' : 'down'}`, async (t) => {
      const outcome = await runToDeadline(file(written(t, text), 0));
      assert.deepEqual(outcome, { up, reason: `file says ${Number(text)}` });
    });
  }
});

describe('checkFile with a weight', () => {
  const offsets: readonly [text: string, weight: number, offset: number][] = [
    ['0\n', 1, 0],
    ['5\n', 1, 5],
    ['+5\n', 2, 10],
    [' 5 \n\n', -2, -10],
    ['-3', 10, -30],
    ['-3', -10, 30],
    ['2147483647', 1, 2_147_483_647],
    ['-2147483647', 1, -2_147_483_647],
    ['2147483647', 2_147_483_647, 2_147_483_647],
    ['-2147483647', -2_147_483_647, 2_147_483_647],
  ];
  for (const [text, weight, offset] of offsets) {
    it(`${JSON.stringify(text)} times ${weight} is ${offset}`, async (t) => {
      const outcome = await runToDeadline(file(written(t, text), weight));
      const effect = { kind: 'offset', offset };
      assert.deepEqual(outcome, { up: true, reason: `file says ${Number(text)}`, effect });
    });
  }

  it('is down at -2147483648 and below', async (t) => {
    for (const [text, weight] of [
      ['1073741824', -2],
      ['-2147483647', 2],
      ['2147483647', -2_147_483_647],
    ] as const) {
      const outcome = await runToDeadline(file(written(t, text), weight));
      assert.deepEqual(outcome, { up: false, reason: `file says ${text}, times ${weight}` });
    }
  });
});

describe('checkFile at a file that is not well', () => {
  for (const text of ['x', '5 6', '1.5', '0x10', '1e3', '5\n6', '2147483648', '-2147483648']) {
    it(`is down at ${JSON.stringify(text)}`, async (t) => {
      const path = written(t, text);
      const said = text.replace('\n', ' ');
      const reason = `file "${path}": expected a whole number -2147483647..2147483647, got "${said}"`;
      assert.deepEqual(await runToDeadline(file(path, 1)), { up: false, reason });
    });
  }

  it('is down when it is missing or empty, or its directory is', async (t) => {
    const missing = join(temporaryDirectory(t), 'weight');
    for (const path of [missing, join(missing, 'weight')]) {
      const outcome = await runToDeadline(file(path, 1));
      assert.deepEqual(outcome, { up: false, reason: `file "${path}" does not exist` });
    }
    for (const text of ['', '\n']) {
      const path = written(t, text);
      const outcome = await runToDeadline(file(path, 1));
      assert.deepEqual(outcome, { up: false, reason: `file "${path}" is empty` });
    }
  });

  it('does not take a file that is just being replaced for a missing one', async (t) => {
    const path = written(t, '7');
    for (const vanish of [() => renameSync(path, `${path}.old`), () => writeFileSync(path, '')]) {
      vanish();
      const running = runToDeadline(file(path, 1));
      setTimeout(() => writeFileSync(path, '9'), 20);
      assert.deepEqual((await running).effect, { kind: 'offset', offset: 9 });
    }
  });

  it('follows links', async (t) => {
    const path = written(t, '7');
    symlinkSync(path, `${path}.link`);
    const outcome = await runToDeadline(file(`${path}.link`, 1));
    assert.deepEqual(outcome.effect, { kind: 'offset', offset: 7 });
  });

  it('does not read folders, devices, pipes or long files', async (t) => {
    const directory = temporaryDirectory(t);
    const fifo = join(directory, 'fifo');
    assert.equal(spawnSync('mkfifo', [fifo]).status, 0);
    for (const path of [directory, fifo, '/dev/zero']) {
      const { up, reason } = await runToDeadline(file(path, 1));
      assert.deepEqual([up, reason], [false, `"${path}" is not a regular file`]);
    }
    const long = await runToDeadline(file(written(t, '1'.repeat(100_000)), 1));
    assert.match(long.reason, /expected a whole number -\d+\.\.2147483647, got/);
    assert.ok(long.reason.length < 400);
    for (const text of [`5${' '.repeat(63)}6`, `5${'\n'.repeat(64)}`]) {
      assert.equal((await runToDeadline(file(written(t, text), 1))).up, false);
    }
    const fits = await runToDeadline(file(written(t, `5${' '.repeat(63)}`), 1));
    assert.deepEqual(fits.effect, { kind: 'offset', offset: 5 });
  });

  it('ends at the deadline, also while it waits for the file to come', async (t) => {
    const path = join(temporaryDirectory(t), 'weight');
    const timers = runningTimers();
    const outcome = await runToDeadline({ ...file(path, 1), timeoutMs: 20 });
    assert.deepEqual(outcome, { up: false, reason: 'no answer within 20 ms' });
    assert.ok(runningTimers() <= timers);
  });
});

/** A file with that text. */
function written(t: TestContext, text: string): string {
  const path = join(temporaryDirectory(t), 'weight');
  writeFileSync(path, text);
  return path;
}

function file(path: string, weight: number): FileCheck {
  return { type: 'file', path, weight, timeoutMs: 5000 };
}
