import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { inspect } from 'node:util';
import { execa } from 'execa';
import { packageFolder, readmeBlock } from '../support/readme.ts';

describe("the library's example in README.md", () => {
  let directory = '';
  before(() => {
    // inside the package, whose name is what the example imports from
    directory = mkdtempSync(path.join(packageFolder, 'dist', 'readme-'));
    writeFileSync(path.join(directory, 'example.ts'), readmeBlock('The library'));
  });
  after(() => rmSync(directory, { recursive: true, force: true }));

  it('compiles', async () => {
    const strict = ['--strict', '--noUncheckedIndexedAccess', '--exactOptionalPropertyTypes'];
    const target = ['--target', 'es2023', '--module', 'nodenext', '--types', 'node'];
    const compiler = path.join(packageFolder, 'node_modules', 'typescript', 'bin', 'tsc');
    const file = path.join(directory, 'example.ts');
    const args = [compiler, '--ignoreConfig', ...strict, ...target, '--skipLibCheck', file];
    const { all } = await execa(process.execPath, args, { all: true, cwd: packageFolder });
    assert.equal(all, '');
  });

  it('adds a service with a server to the kernel, and lists it', async () => {
    const { stdout } = await execa(process.execPath, [path.join(directory, 'example.js')]);
    const id = { family: 'inet', protocol: 'tcp', address: '10.9.0.200', port: 80 };
    const expected = ['add-service done', 'add-destination done', `${inspect(id)} 1`];
    assert.equal(stdout, expected.join('\n'));
    const saved = await execa('ipvsadm', ['-Sn']);
    assert.deepEqual(saved.stdout.split('\n'), [
      '-A -t 10.9.0.200:80 -s wlc',
      '-a -t 10.9.0.200:80 -r 10.9.0.101:80 -g -w 1',
    ]);
  });
});
