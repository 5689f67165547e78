import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { loadConfig } from '../../src/config/load.ts';
import { temporaryDirectory } from '../support/script.ts';

describe('a file that would fill the memory', () => {
  it('is refused for its lines, also where it is included', async (t) => {
    const folder = temporaryDirectory(t);
    const [main, part] = [join(folder, 'main.cf'), join(folder, 'part.cf')];
    writeFileSync(main, 'include=part.cf\n');
    writeFileSync(part, '\n'.repeat(500_000));
    const refused = 'it has 500001 lines, expected at most 500000';
    for (const path of [main, part]) {
      const { config, diagnostics } = await loadConfig(path);
      assert.equal(config, undefined);
      const message = diagnostics[0]?.message ?? '';
      assert.ok(
        message.endsWith(`can not open file${path === part ? '' : ` "${part}"`}: ${refused}`),
      );
    }
    writeFileSync(part, '\n'.repeat(499_999));
    assert.deepEqual((await loadConfig(main)).diagnostics, []);
  });

  it('is read in moments when it is one line, and quoted in part', async (t) => {
    const path = join(temporaryDirectory(t), 'line.cf');
    writeFileSync(path, '\0'.repeat(16 * 1024 * 1024));
    const before = process.memoryUsage().rss;
    const { diagnostics } = await loadConfig(path);
    assert.equal(diagnostics.length, 1);
    assert.ok((diagnostics[0]?.message.length ?? 0) < 400);
    const grownMiB = (process.memoryUsage().rss - before) / 2 ** 20;
    assert.ok(grownMiB < 400, `${grownMiB} MiB`);
  });
});
