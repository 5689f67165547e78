import assert from 'node:assert/strict';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { FileLines } from '../../src/daemon/file-lines.ts';
import { temporaryDirectory } from '../support/script.ts';

describe('FileLines', () => {
  it('goes on when there is room again, and tells what was lost', (t) => {
    const path = join(temporaryDirectory(t), 'log');
    const lost: number[] = [];
    const lines = new FileLines(openSync('/dev/full', 'a'), (count) => lost.push(count));
    lines.write('one\n');
    lines.write('two\n');
    assert.deepEqual(lost, []);
    const fd = openSync(path, 'a');
    t.after(() => closeSync(fd));
    lines.use(fd);
    lines.write('three\n');
    lines.write('four\n');
    assert.deepEqual(lost, [2]);
    assert.equal(readFileSync(path, 'utf8'), 'three\nfour\n');
  });

  it('lets no disk that is full fill the memory, nor hold up a crash', async () => {
    const program = fileURLToPath(new URL('../support/log-to-full-disk.js', import.meta.url));
    const { stdout } = await execa(process.execPath, ['--max-old-space-size=40', program], {
      timeout: 120_000,
    });
    assert.equal(stdout, 'done');
  });
});
