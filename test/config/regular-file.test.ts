import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { readRegularFile, readRegularFileSync } from '../../src/config/regular-file.ts';
import { temporaryDirectory } from '../support/script.ts';

/** What both ways to read make of a path: its text, or why not. */
async function found(path: string): Promise<string> {
  const text = await readRegularFile(path).then(String, messageOf);
  assert.equal(
    attempt(() => readRegularFileSync(path).toString()),
    text,
  );
  return text;
}

function attempt(run: () => string): string {
  try {
    return run();
  } catch (error) {
    return messageOf(error);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function folder(t: TestContext) {
  const path = temporaryDirectory(t);
  return (name: string): string => join(path, name);
}

// A hang would be the defect: the limit is there to see it.
describe('a file that an operator named', { timeout: 20_000 }, () => {
  it('is read, also through a link', async (t) => {
    const at = folder(t);
    writeFileSync(at('a'), 'text\n');
    symlinkSync(at('a'), at('link'));
    assert.equal(await found(at('a')), 'text\n');
    assert.equal(await found(at('link')), 'text\n');
  });

  it('is refused at once when it is a FIFO that nobody writes to', async (t) => {
    const at = folder(t);
    execFileSync('mkfifo', [at('fifo')]);
    assert.equal(await found(at('fifo')), 'it is a FIFO, expected a regular file');
  });

  it('is refused when it is a directory or a device', async (t) => {
    const at = folder(t);
    assert.equal(await found(at('')), 'it is a directory, expected a regular file');
    assert.equal(await found('/dev/zero'), 'it is a device, expected a regular file');
  });

  it('is refused before it is read when it is huge', async (t) => {
    const at = folder(t);
    writeFileSync(at('huge'), '');
    truncateSync(at('huge'), 2 ** 40);
    assert.equal(await found(at('huge')), 'it has 1099511627776 bytes, expected at most 16777216');
  });

  it('fails as node does when it is not there', async (t) => {
    assert.match(await found(folder(t)('none')), /^ENOENT: no such file or directory, open /);
  });
});
