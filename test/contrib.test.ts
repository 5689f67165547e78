import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { callIpvsd } from './support/call-ipvsd.ts';
import { assertCall } from './support/known-call.ts';
import { packageFolder } from './support/readme.ts';

const contrib = path.join(packageFolder, 'contrib');
const examples = readdirSync(path.join(contrib, 'examples')).map((name) => `examples/${name}`);

for (const folder of ['keepalived', ...examples]) {
  describe(`contrib/${folder}`, () => {
    const directory = path.join(contrib, folder);
    const readme = readFileSync(path.join(directory, 'README.md'), 'utf8');

    it('says where each of its files goes', () => {
      for (const name of readdirSync(directory)) {
        if (name === 'README.md') continue;
        assert.match(readme, new RegExp(`(?:\\]\\(|^\\| \`)${name}\\b`, 'm'));
      }
    });

    it('points to files that are there', () => {
      const targets = [...readme.matchAll(/\]\(([^)]+)\)|`(test\/[\w/.-]+)`/g)];
      assert.ok(targets.length > 0);
      for (const [, link, test] of targets) {
        const file =
          test === undefined ? path.join(directory, link ?? '') : path.join(packageFolder, test);
        assert.ok(existsSync(file), file);
      }
    });

    it('gives commands that ipvsd has', () => {
      const blocks = [...readme.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block]) => block);
      const lines = blocks.join('').match(/^ipvsd .*$/gm) ?? [];
      const inline = [...readme.matchAll(/`(ipvsd [^`]+)`/g)].map(([, call = '']) => call);
      assert.ok(lines.length + inline.length > 0);
      for (const call of [...lines, ...inline]) assertCall(call);
    });

    it('has a file of which ipvsd warns only that there is no fallback', async () => {
      const files = readdirSync(directory).filter((name) => /^ldirectord.*\.cf$/.test(name));
      assert.ok(files.includes('ldirectord.cf'));
      for (const name of files) {
        const checked = await callIpvsd('config', 'check', path.join(directory, name));
        assert.deepEqual([checked.exitCode, checked.stderr], [0, ''], name);
        const warnings = checked.stdout.split('\n').filter((line) => line.includes(': warning: '));
        assert.deepEqual(
          warnings.filter((line) => !line.includes('without a fallback')),
          [],
        );
      }
    });
  });
}
