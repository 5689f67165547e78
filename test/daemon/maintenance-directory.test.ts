import assert from 'node:assert/strict';
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from '../../src/config/model.ts';
import { MaintenanceDirectory } from '../../src/daemon/maintenance-directory.ts';
import { config, real, virtual } from '../support/builders.ts';
import { recordedLog } from '../support/recorded-log.ts';
import { temporaryDirectory } from '../support/script.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

function fileWith(maintenanceDir: string): Config {
  return { ...config(virtual({ reals: [real('10.9.0.2'), real('10.9.0.3')] })), maintenanceDir };
}

type Lookup = (address: string) => Promise<readonly string[]>;

function bench(t: TestContext, lookup: Lookup = async () => []) {
  const clock = new VirtualClock();
  const { log, lines } = recordedLog();
  const told: string[][] = [];
  const asked: string[] = [];
  const watched = new MaintenanceDirectory({
    clock,
    log,
    lookup: (address) => {
      asked.push(address);
      return lookup(address);
    },
    onChange: (files) => told.push([...files.values()]),
  });
  t.after(() => watched.close());
  const directory = join(temporaryDirectory(t), 'maintenance');
  mkdirSync(directory);
  const touch = (name: string) => writeFileSync(join(directory, name), '');
  const remove = (name: string) => rmSync(join(directory, name));
  /** Real time for the file system, none for the clock. */
  const seen = async (expected: readonly string[]) => {
    for (let i = 0; i < 500 && String(told.at(-1)) !== String(expected); i++) await sleep(10);
    assert.deepEqual(told.at(-1), expected);
  };
  return { clock, lines, told, asked, watched, directory, touch, remove, seen };
}

describe('MaintenanceDirectory', () => {
  it('has the files that are there when it begins', async (t) => {
    const { told, touch, watched, directory } = bench(t);
    touch('10.9.0.2');
    await watched.use(fileWith(directory));
    assert.deepEqual(told, [['10.9.0.2']]);
  });

  it('sees at once what comes and goes, without any clock', async (t) => {
    const { touch, remove, seen, told, watched, directory } = bench(t);
    await watched.use(fileWith(directory));
    assert.deepEqual(told, []);
    touch('10.9.0.2');
    await seen(['10.9.0.2']);
    touch('10.9.0.3:80');
    await seen(['10.9.0.2', '10.9.0.3:80']);
    remove('10.9.0.2');
    await seen(['10.9.0.3:80']);
  });

  it('asks for host names when the file is loaded, and never when a file comes', async (t) => {
    const { asked, touch, seen, watched, directory } = bench(t, async (address) =>
      address === '10.9.0.2' ? ['rs2.example.com'] : [],
    );
    await watched.use(fileWith(directory));
    await sleep(0);
    assert.deepEqual(asked.toSorted(), ['10.9.0.2', '10.9.0.3']);
    touch('rs2');
    await seen(['rs2']);
    assert.equal(asked.length, 2);
  });

  it('waits two seconds for the names that a file needs, and takes them later too', async (t) => {
    const answers: ((names: readonly string[]) => void)[] = [];
    const { clock, touch, told, seen, watched, directory } = bench(
      t,
      () => new Promise((resolve) => answers.push(resolve)),
    );
    touch('rs2');
    let isUsed = false;
    const using = watched.use(fileWith(directory)).then(() => {
      isUsed = true;
    });
    while (clock.pending === 0) await sleep(5);
    assert.equal(isUsed, false);
    await clock.advance(2000);
    await using;
    assert.deepEqual(told, []);
    for (const answer of answers) answer(['rs2.example.com']);
    await seen(['rs2', 'rs2']);
  });

  it('does not wait for DNS when all files are named after addresses', async (t) => {
    const { told, touch, watched, directory } = bench(t, () => new Promise(() => {}));
    touch('10.9.0.2');
    await watched.use(fileWith(directory));
    assert.deepEqual(told, [['10.9.0.2']]);
  });

  it('asks again after a minute while a file fits nobody', async (t) => {
    let names: readonly string[] = [];
    const { clock, touch, seen, watched, directory } = bench(t, async () => names);
    touch('rs2');
    await watched.use(fileWith(directory));
    names = ['rs2.example.com'];
    for (let i = 0; i < 14; i++) {
      await clock.advance(5000);
      await sleep(20);
    }
    await seen(['rs2', 'rs2']);
  });

  it('a directory that is missing warns once, and counts when it comes', async (t) => {
    const { clock, lines, touch, seen, watched, directory } = bench(t);
    rmSync(directory, { recursive: true });
    await watched.use(fileWith(directory));
    for (let i = 0; i < 3; i++) {
      await clock.advance(5000);
      await sleep(20);
    }
    const missing = `warn maintenance directory ${directory}: does not exist`;
    assert.deepEqual(lines, [missing]);
    mkdirSync(directory);
    touch('10.9.0.2');
    await clock.advance(5000);
    await seen(['10.9.0.2']);
    assert.deepEqual(lines, [missing, `info maintenance directory is there again: ${directory}`]);
    // and it is watched again
    touch('10.9.0.3');
    await seen(['10.9.0.2', '10.9.0.3']);
  });

  it('notices by the rescan that another directory has taken its place', async (t) => {
    const { clock, touch, seen, watched, directory } = bench(t);
    touch('10.9.0.2');
    await watched.use(fileWith(directory));
    renameSync(directory, `${directory}.old`);
    mkdirSync(directory);
    await clock.advance(5000);
    await seen([]);
    touch('10.9.0.3');
    await seen(['10.9.0.3']);
  });

  it('a file without the directive gives everything back, and nothing is watched any more', async (t) => {
    const { clock, told, touch, watched, directory } = bench(t);
    touch('10.9.0.2');
    await watched.use(fileWith(directory));
    await watched.use(config());
    assert.deepEqual(told, [['10.9.0.2'], []]);
    assert.equal(clock.pending, 0);
    touch('10.9.0.3');
    await sleep(50);
    assert.equal(told.length, 2);
  });
});
