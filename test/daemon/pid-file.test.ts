import assert from 'node:assert/strict';
import { copyFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { execa } from 'execa';
import { claimPidFile, pidState, releasePidFile } from '../../src/daemon/pid-file.ts';
import { temporaryDirectory } from '../support/script.ts';

const module = new URL('../../src/daemon/pid-file.js', import.meta.url).href;

/** Processes that are called ipvsd, claim a pid file each, say what came of it, and wait. */
async function startClaimants(t: TestContext, paths: readonly string[]) {
  const folder = temporaryDirectory(t);
  const script = join(folder, 'ipvsd');
  // no extension: taken for CommonJS
  writeFileSync(
    script,
    `import('${module}').then(({ claimPidFile }) => {
      process.stdin.once('data', () => console.log(process.argv[2] && claimPidFile(process.argv[2])));
      console.log('ready');
    });`,
  );
  const children = await Promise.all(
    paths.map(async (path) => {
      const child = execa(process.execPath, [script, path], { stdin: 'pipe', reject: false });
      t.after(() => child.kill());
      const lines = child[Symbol.asyncIterator]();
      assert.equal((await lines.next()).value, 'ready');
      return { pid: child.pid ?? 0, child, lines };
    }),
  );
  for (const { child } of children) child.stdin.write('\n');
  return Promise.all(
    children.map(async ({ pid, lines }) => ({ pid, claimed: (await lines.next()).value })),
  );
}

describe('a pid file', () => {
  it('is ours until it is released, and leaves nothing', (t) => {
    const folder = temporaryDirectory(t);
    const path = join(folder, 'a.pid');
    assert.deepEqual(pidState(path), { kind: 'stopped' });
    assert.equal(claimPidFile(path), true);
    assert.equal(readFileSync(path, 'utf8'), `${process.pid}\n`);
    assert.deepEqual(readdirSync(folder), ['a.pid']);
    releasePidFile(path);
    assert.deepEqual(readdirSync(folder), []);
  });

  it('tells a daemon that runs, also after the file was written anew', async (t) => {
    const path = join(temporaryDirectory(t), 'a.pid');
    const [{ pid, claimed } = { pid: 0, claimed: '' }] = await startClaimants(t, [path]);
    assert.equal(claimed, 'true');
    assert.deepEqual(pidState(path), { kind: 'running', pid });
    assert.equal(claimPidFile(path), false);
    rmSync(path);
    writeFileSync(path, `${pid}`);
    assert.deepEqual(pidState(path), { kind: 'running', pid });
  });

  it('is stale when its number is that of a daemon of another file', async (t) => {
    const folder = temporaryDirectory(t);
    const [path, other] = [join(folder, 'a.pid'), join(folder, 'b.pid')];
    const [{ pid } = { pid: 0 }] = await startClaimants(t, [other]);
    copyFileSync(other, path);
    assert.deepEqual(pidState(path), { kind: 'stale', pid });
    assert.equal(claimPidFile(path), true);
    releasePidFile(path);
  });

  it('goes to one of those that start in the same moment, also over a stale one', async (t) => {
    const folder = temporaryDirectory(t);
    for (let round = 0; round < 5; round++) {
      const path = join(folder, `${round}.pid`);
      writeFileSync(path, round === 0 ? '' : '4194305\n');
      const answers = await startClaimants(
        t,
        Array.from({ length: 6 }, () => path),
      );
      const winners = answers.filter(({ claimed }) => claimed === 'true');
      assert.equal(winners.length, 1, JSON.stringify(answers));
      assert.deepEqual(pidState(path), { kind: 'running', pid: winners[0]?.pid });
    }
    assert.equal(readdirSync(folder).length, 5);
  });
});
