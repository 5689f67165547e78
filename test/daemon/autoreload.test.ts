import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { FileWatch } from '../../src/daemon/autoreload.ts';
import { systemClock } from '../../src/health/clock.ts';
import { temporaryDirectory } from '../support/script.ts';

/** A watch that looks every 5 ms; `seen` waits for the next change, `quiet` for some looks. */
async function watched(t: TestContext, paths: (folder: string) => readonly string[]) {
  const folder = temporaryDirectory(t);
  const at = (name: string): string => join(folder, name);
  // in one step, so that no look meets a file that is half written
  const put = (name: string, text: string): void => {
    writeFileSync(at('.put'), text);
    renameSync(at('.put'), at(name));
  };
  put('main.cf', 'a');
  mkdirSync(at('conf.d'));
  let changes = 0;
  let onChange = (): void => undefined;
  const watch = new FileWatch(systemClock, () => {
    changes++;
    onChange();
  });
  t.after(() => watch.stop());
  await watch.setPaths(paths(folder));
  watch.start(5);
  return {
    at,
    put,
    watch,
    changes: () => changes,
    seen: (act: () => void) =>
      new Promise<void>((resolve) => {
        onChange = resolve;
        act();
      }),
  };
}

describe('FileWatch', () => {
  it('sees a change of any of its files', async (t) => {
    const both = await watched(t, (folder) => [join(folder, 'main.cf'), join(folder, 'b.cf')]);
    await both.seen(() => both.put('main.cf', 'b'));
    await both.seen(() => both.put('b.cf', 'b'));
    assert.equal(both.changes(), 2);
  });

  it('sees that a FIFO took the place of a file, and goes on', { timeout: 30_000 }, async (t) => {
    const both = await watched(t, (folder) => [join(folder, 'main.cf'), join(folder, 'b.cf')]);
    execFileSync('mkfifo', [both.at('fifo')]);
    await both.seen(() => renameSync(both.at('fifo'), both.at('b.cf')));
    await both.seen(() => both.put('main.cf', 'b'));
    await both.seen(() => both.put('b.cf', 'c'));
    assert.equal(both.changes(), 3);
  });

  it('sees names come and go in a folder, but for the hidden ones', async (t) => {
    const one = await watched(t, (folder) => [join(folder, 'conf.d/')]);
    await one.seen(() => one.put('conf.d/a.cf', ''));
    one.put('conf.d/.a.cf.new', '');
    await one.seen(() => rmSync(one.at('conf.d/a.cf')));
    assert.equal(one.changes(), 2);
  });

  it('does not mind a touch, nor a file that is gone', async (t) => {
    const two = await watched(t, (folder) => [join(folder, 'main.cf'), join(folder, 'b.cf')]);
    utimesSync(two.at('main.cf'), 1, 1);
    rmSync(two.at('main.cf'));
    // a change after those proves that they have been looked at
    await two.seen(() => two.put('b.cf', 'x'));
    assert.equal(two.changes(), 1);
  });

  it('waits until a file that is being written stays as it is', async (t) => {
    const one = await watched(t, (folder) => [join(folder, 'main.cf')]);
    let written = 0;
    await one.seen(() => {
      const write = (): void => {
        one.put('main.cf', 'x'.repeat(++written));
        if (written < 200) setImmediate(write);
      };
      write();
    });
    assert.deepEqual([one.changes(), written], [1, 200]);
  });

  it('takes the content that a new path has for the one in force', async (t) => {
    const one = await watched(t, (folder) => [join(folder, 'main.cf')]);
    one.put('b.cf', 'b');
    await one.watch.setPaths([one.at('main.cf'), one.at('b.cf')]);
    await one.seen(() => one.put('b.cf', 'c'));
    assert.equal(one.changes(), 1);
    await one.watch.setPaths([one.at('main.cf')]);
    one.put('b.cf', 'd');
    await one.seen(() => one.put('main.cf', 'd'));
    assert.equal(one.changes(), 2);
  });
});
