import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { before, describe, it } from 'node:test';
import { execa } from 'execa';
import { z } from 'zod';
import { packageFolder } from './support/readme.ts';

const manifestSchema = z.object({
  bin: z.record(z.string(), z.string()),
  man: z.array(z.string()),
  exports: z.object({ './ipvs-netlink': z.record(z.string(), z.string()) }),
});
const packSchema = z.array(z.object({ files: z.array(z.object({ path: z.string() })) }));

describe('the package', () => {
  let files: readonly string[] = [];
  before(async () => {
    const args = ['pack', '--dry-run', '--json', '--ignore-scripts'];
    const { stdout } = await execa('npm', args, { cwd: packageFolder, timeout: 60_000 });
    files = packSchema.parse(JSON.parse(stdout)).flatMap((one) => one.files.map((f) => f.path));
  });

  it('ships program, sources, manual and papers, and nothing else', () => {
    const wanted =
      /^(?:dist\/src|src|man|contrib)\/|^(?:README|CHANGELOG)\.md$|^LICENSE$|^package\.json$/;
    assert.deepEqual(
      files.filter((file) => !wanted.test(file)),
      [],
    );
    for (const file of ['README.md', 'CHANGELOG.md', 'LICENSE'])
      assert.ok(files.includes(file), file);
  });

  it('ships no tests', () => {
    assert.deepEqual(
      files.filter((file) => /(?:^|\/)(?:test|fixtures)\/|\.test\./.test(file)),
      [],
    );
  });

  it('ships what its manifest points to', () => {
    const manifest = manifestSchema.parse(
      JSON.parse(readFileSync(`${packageFolder}package.json`, 'utf8')),
    );
    const library = Object.values(manifest.exports['./ipvs-netlink']);
    for (const target of [...Object.values(manifest.bin), ...manifest.man, ...library]) {
      assert.ok(files.includes(target.replace(/^\.\//, '')), target);
    }
  });
});
