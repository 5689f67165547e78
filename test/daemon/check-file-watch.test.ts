import assert from 'node:assert/strict';
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { CheckFileWatch } from '../../src/daemon/check-file-watch.ts';
import { checktype, config, localFallback, real, virtual } from '../support/builders.ts';
import { temporaryDirectory } from '../support/script.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

function bench(t: TestContext) {
  const clock = new VirtualClock();
  const told: string[] = [];
  const watch = new CheckFileWatch(clock, (path) => told.push(path));
  t.after(() => watch.close());
  const folder = temporaryDirectory(t);
  const at = (name: string): string => join(folder, name);
  /** Waits in real time until that path was told of, forgets what was told, and says what it was. */
  const heard = async (path: string): Promise<readonly string[]> => {
    for (let i = 0; i < 1000 && !told.includes(path); i++) await sleep(10);
    assert.ok(told.includes(path), `${path} in ${told.join(' ')}`);
    await sleep(20);
    return [...new Set(told.splice(0))];
  };
  return { clock, told, watch, at, heard };
}

describe('CheckFileWatch', () => {
  it('tells at once when a file comes, changes, is replaced, and goes', async (t) => {
    const { clock, watch, at, heard } = bench(t);
    const path = at('weight');
    await watch.setPaths([path]);
    for (const change of [
      () => writeFileSync(path, '1'),
      () => writeFileSync(path, '2'),
      () => {
        writeFileSync(at('new'), '3');
        renameSync(at('new'), path);
      },
      () => rmSync(path),
    ]) {
      change();
      assert.deepEqual(await heard(path), [path]);
    }
    assert.equal(clock.now(), 0);
  });

  it('follows the file checks of the configuration in force, of fallbacks as well', async (t) => {
    const { watch, at, heard } = bench(t);
    const fileCheck = (name: string) =>
      checktype({ type: 'file', path: at(name), weight: 0, timeoutMs: 1000 }, { name });
    const reals = [real('10.9.0.2', { checks: [fileCheck('one'), fileCheck('two')] })];
    const fallbacks = [{ ...localFallback, checks: [fileCheck('three')] }];
    watch.observe({ kind: 'config', config: config(virtual({ reals, fallbacks })) });
    await sleep(100);
    for (const name of ['one', 'two', 'three']) {
      writeFileSync(at(name), '1');
      assert.deepEqual(await heard(at(name)), [at(name)]);
    }
  });

  it('keeps apart what lies beside, and what has the same name elsewhere', async (t) => {
    const { watch, at, heard } = bench(t);
    mkdirSync(at('a'));
    mkdirSync(at('b'));
    await watch.setPaths([at('a/1'), at('a/2'), at('b/1')]);
    writeFileSync(at('a/3'), '');
    writeFileSync(at('a/1'), '');
    assert.deepEqual(await heard(at('a/1')), [at('a/1')]);
    writeFileSync(at('b/1'), '');
    assert.deepEqual(await heard(at('b/1')), [at('b/1')]);
  });

  it('finds a directory that comes later or is replaced, and then tells of all in it', async (t) => {
    const { clock, watch, at, heard } = bench(t);
    const paths = [at('late/1'), at('late/2')];
    await watch.setPaths(paths);
    const renewed = async (): Promise<void> => {
      const path = paths[1] ?? '';
      await clock.advance(5000);
      assert.deepEqual(await heard(path), paths);
    };
    mkdirSync(at('late'));
    await renewed();
    writeFileSync(at('late/1'), '');
    await heard(at('late/1'));
    renameSync(at('late'), at('old'));
    mkdirSync(at('late'));
    await renewed();
    writeFileSync(at('late/2'), '');
    await heard(at('late/2'));
    rmSync(at('late'), { recursive: true });
    await heard(at('late/2'));
    await clock.advance(5000);
    mkdirSync(at('late'));
    await renewed();
  });

  it('forgets paths that are no longer wanted, and keeps those that are', async (t) => {
    const { told, watch, at, heard } = bench(t);
    mkdirSync(at('a'));
    mkdirSync(at('b'));
    await watch.setPaths([at('a/1'), at('a/2'), at('b/1')]);
    await watch.setPaths([at('a/2')]);
    writeFileSync(at('b/1'), '');
    writeFileSync(at('a/1'), '');
    writeFileSync(at('a/2'), '');
    assert.deepEqual(await heard(at('a/2')), [at('a/2')]);
    await watch.setPaths([at('b/1')]);
    writeFileSync(at('a/2'), 'x');
    writeFileSync(at('b/1'), 'x');
    assert.deepEqual(await heard(at('b/1')), [at('b/1')]);
    assert.deepEqual(told, []);
  });

  it('is silent and leaves nothing running after its end', async (t) => {
    const { clock, told, watch, at } = bench(t);
    await watch.setPaths([at('weight')]);
    await watch.close();
    assert.equal(clock.pending, 0);
    writeFileSync(at('weight'), '');
    await sleep(50);
    assert.deepEqual(told, []);
  });

  it('needs no timer while there is nothing to watch', async (t) => {
    const { clock, watch, at } = bench(t);
    await watch.setPaths([]);
    assert.equal(clock.pending, 0);
    await watch.setPaths([at('weight')]);
    assert.equal(clock.pending, 1);
    await watch.setPaths([]);
    assert.equal(clock.pending, 0);
  });
});
