import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, it } from 'node:test';
import { withTempDirectory } from '../temp-directory.ts';
import { type FileResult, runFile } from './run-file.ts';
import { hasPassed } from './tally.ts';

const IMPORTS = "import { describe, it } from 'node:test';\nimport assert from 'node:assert';\n";

describe('runFile', () => {
  it('counts tests, not suites, of a file that passes', async () => {
    const result = await runText("describe('a', () => { it('b', () => {}); it('c', () => {}); });");
    assert.deepEqual(counts(result), [2, 0, 0]);
    assert.equal(hasPassed(result), true);
  });

  it('counts a failed test once, not its suite too', async () => {
    const result = await runText("describe('a', () => { it('b', () => assert.fail('oh')); });");
    assert.deepEqual(counts(result), [0, 1, 0]);
    assert.match(result.output, /oh/);
    assert.equal(hasPassed(result), false);
  });

  it('counts a hook that failed', async () => {
    const result = await runText(
      "describe('a', () => { it('b', () => {}); }); import { after } from 'node:test';" +
        "describe('c', () => { after(() => { throw new Error('x'); }); it('d', () => {}); });",
    );
    assert.equal(result.failed, 1);
  });

  it('keeps the reason of a skipped test', async () => {
    const result = await runText("it('b', (t) => t.skip('no disk')); it('c', { skip: true });");
    assert.deepEqual(result.skipped, [
      { name: 'b', reason: 'no disk' },
      { name: 'c', reason: 'no reason given' },
    ]);
    assert.deepEqual(counts(result), [0, 0, 2]);
  });

  it('takes a file without a test as failed', async () => {
    const result = await runText('');
    assert.equal(result.trouble, 'no test in it');
  });

  it('takes a file that cannot be loaded as failed', async () => {
    assert.equal(hasPassed(await runText("import './nowhere.js'; it('a', () => {});")), false);
  });

  it('takes a file that leaves with 0 before its end as failed', async () => {
    const result = await runText(
      "it('a', () => {}); it('b', async () => { process.exit(0); }); it('c', () => {});",
    );
    assert.equal(hasPassed(result), false);
  });

  it('takes a file killed by a signal as failed', async () => {
    const result = await runText("it('a', () => process.kill(process.pid, 'SIGKILL'));");
    assert.equal(result.trouble, 'ended by SIGKILL');
  });

  it('kills a file that does not end', async () => {
    const result = await runText("it('a', () => { for (;;); });", 1_500);
    assert.equal(result.trouble, 'not done after 1.5 s, killed');
  });

  it('takes a process warning as a failure', async () => {
    const result = await runText("it('a', () => process.emitWarning('leaky'));");
    assert.equal(hasPassed(result), false);
    assert.match(result.output, /leaky/);
  });

  it('takes an exit code that no test explains as a failure', async () => {
    const result = await runText("it('a', () => {}); process.on('exit', () => process.exit(3));");
    assert.equal(hasPassed(result), false);
  });
});

function runText(text: string, timeoutMs = 60_000): Promise<FileResult> {
  return withTempDirectory('ipvsd-runner', async (directory) => {
    const file = path.join(directory, 'sample.mjs');
    await writeFile(file, `${IMPORTS}${text}\n`);
    return runFile({ name: 'sample', path: file }, { timeoutMs });
  });
}

function counts(result: FileResult): readonly number[] {
  return [result.passed, result.failed, result.skipped.length];
}
