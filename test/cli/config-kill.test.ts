import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { program } from '../support/ipvsd.ts';
import { temporaryDirectory } from '../support/script.ts';

const sections = Array.from(
  { length: 2000 },
  (_, n) => `virtual=10.1.${n >> 8}.${n & 255}:80\n\treal=10.9.0.2:80 masq # ${n}\n\n`,
);

describe('an edit that is killed', () => {
  it('leaves the file as it was or as it is to be, whenever that happens', async (t) => {
    const folder = temporaryDirectory(t);
    const path = join(folder, 'www.cf');
    const lock = join(folder, '.www.cf.ipvsd-lock');
    const textOf = (interval: number): string =>
      `checkinterval=${interval}\n\n${sections.join('')}`;
    writeFileSync(path, textOf(10));
    let before = 10;
    let killed = 0;
    for (let round = 0; round < 10; round++) {
      const after = 11 + round;
      const argv = [program, 'config', 'set', path, `checkinterval=${after}`];
      const edit = execa(process.execPath, argv, { reject: false, stdout: 'ignore' });
      let running = true;
      void edit.then(() => {
        running = false;
      });
      while (running && !existsSync(lock)) await sleep(1);
      // most of the time goes by while the file is parsed, twice; the last rounds come to the end
      await sleep(round * 80);
      edit.kill('SIGKILL');
      const { signal } = await edit;
      if (signal === 'SIGKILL') killed += 1;
      const text = readFileSync(path, 'utf8');
      if (text === textOf(after)) before = after;
      else assert.equal(text, textOf(before), `round ${round}`);
    }
    assert.ok(killed > 0);
    const { exitCode } = await execa(process.execPath, [program, 'config', 'check', path]);
    assert.equal(exitCode, 0);
  });
});
