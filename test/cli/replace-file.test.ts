import assert from 'node:assert/strict';
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { CliError } from '../../src/cli/cli-error.ts';
import { withFile } from '../../src/cli/replace-file.ts';
import { temporaryDirectory } from '../support/script.ts';

function fileIn(t: TestContext, text = 'old\n') {
  const folder = temporaryDirectory(t);
  const path = join(folder, 'a.cf');
  writeFileSync(path, text);
  return { folder, path, read: () => readFileSync(path, 'utf8'), names: () => readdirSync(folder) };
}

const replaceBy = (path: string, text: string): Promise<void> =>
  withFile(path, (file) => file.replace(Buffer.from(text)));

const root = process.getuid?.() === 0;

describe('withFile', () => {
  it('replaces the file in one step and leaves nothing beside it', async (t) => {
    const { path, read, names } = fileIn(t);
    const before = statSync(path).ino;
    await withFile(path, async (file) => {
      assert.equal(file.bytes.toString(), 'old\n');
      await file.replace(Buffer.from('new\n'));
    });
    assert.equal(read(), 'new\n');
    assert.notEqual(statSync(path).ino, before);
    assert.deepEqual(names(), ['a.cf']);
  });

  it('leaves the file alone when it is not replaced, also after an error', async (t) => {
    const { path, read, names } = fileIn(t);
    const before = statSync(path, { bigint: true });
    await withFile(path, async () => undefined);
    await assert.rejects(
      withFile(path, () => Promise.reject(new Error('no'))),
      /^Error: no$/,
    );
    assert.equal(read(), 'old\n');
    const { ino, mtimeNs, ctimeNs } = statSync(path, { bigint: true });
    assert.deepEqual([ino, mtimeNs, ctimeNs], [before.ino, before.mtimeNs, before.ctimeNs]);
    assert.deepEqual(names(), ['a.cf']);
  });

  it('keeps the mode', async (t) => {
    const { path } = fileIn(t);
    for (const mode of [0o640, 0o600, 0o664]) {
      chmodSync(path, mode);
      await replaceBy(path, `mode ${mode}\n`);
      assert.equal(statSync(path).mode & 0o7777, mode);
    }
  });

  it('keeps the owner', { skip: root ? false : 'only root gives files away' }, async (t) => {
    const { path } = fileIn(t);
    chownSync(path, 12_345, 54_321);
    await replaceBy(path, 'new\n');
    assert.deepEqual([statSync(path).uid, statSync(path).gid], [12_345, 54_321]);
  });

  it('follows a link and keeps it', async (t) => {
    const { folder, path, read } = fileIn(t);
    mkdirSync(join(folder, 'links'));
    const link = join(folder, 'links', 'www.cf');
    symlinkSync('../a.cf', link);
    await replaceBy(link, 'new\n');
    assert.ok(lstatSync(link).isSymbolicLink());
    assert.equal(read(), 'new\n');
    assert.ok(!lstatSync(path).isSymbolicLink());
    assert.deepEqual(readdirSync(join(folder, 'links')), ['www.cf']);
  });

  it('writes nothing over what somebody else has written meanwhile', async (t) => {
    const { path, read, names } = fileIn(t);
    const edit = withFile(path, async (file) => {
      writeFileSync(path, 'by an editor\n');
      await file.replace(Buffer.from('new\n'));
    });
    await assert.rejects(edit, { name: 'CliError', message: /changed by somebody else/ });
    assert.equal(read(), 'by an editor\n');
    assert.deepEqual(names(), ['a.cf']);
  });

  it('lets edits of the same file wait for each other', async (t) => {
    const { path, read } = fileIn(t, '');
    const append = (word: string): Promise<void> =>
      withFile(path, (file) => file.replace(Buffer.from(`${file.bytes.toString()}${word}\n`)));
    const words = ['a', 'b', 'c', 'd', 'e'];
    await Promise.all(words.map(append));
    assert.deepEqual(read().split('\n').filter(Boolean).toSorted(), words);
  });

  it('gives up where another edit does not end, and leaves its lock', async (t) => {
    const { folder, path, read, names } = fileIn(t);
    // of the one that runs the tests, which is there for as long as we are
    writeFileSync(join(folder, '.a.cf.ipvsd-lock'), `${process.ppid}\n`);
    await assert.rejects(
      withFile(path, (file) => file.replace(Buffer.from('new\n')), 60),
      {
        name: 'CliError',
        message: /a\.cf" is being edited by pid \d+: remove ".*\.a\.cf\.ipvsd-lock" if/,
      },
    );
    assert.equal(read(), 'old\n');
    assert.deepEqual(names(), ['.a.cf.ipvsd-lock', 'a.cf']);
  });

  for (const [whose, pid] of [
    ['of a process that is gone', 2 ** 22 + 1],
    ['of a process that had our number', process.pid],
  ] as const) {
    it(`takes over what a killed edit has left: a lock ${whose}, and a file`, async (t) => {
      const { folder, path, read, names } = fileIn(t);
      writeFileSync(join(folder, '.a.cf.ipvsd-lock'), `${pid}\n`);
      writeFileSync(join(folder, '.a.cf.ipvsd-new'), 'half of', { mode: 0o444 });
      await replaceBy(path, 'new\n');
      assert.equal(read(), 'new\n');
      assert.deepEqual(names(), ['a.cf']);
    });
  }

  it('says what cannot be edited', async (t) => {
    const { folder } = fileIn(t);
    const missing = join(folder, 'none.cf');
    await assert.rejects(replaceBy(missing, ''), (error) => {
      assert.ok(error instanceof CliError);
      assert.match(error.message, /none\.cf" cannot be edited: ENOENT/);
      return true;
    });
    assert.equal(existsSync(missing), false);
  });
});
