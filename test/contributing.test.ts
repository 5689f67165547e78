import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { z } from 'zod';
import { packageFolder } from './support/readme.ts';

const text = readFileSync(`${packageFolder}CONTRIBUTING.md`, 'utf8');
const names = z.record(z.string(), z.string());
const { scripts, ...dependencies } = z
  .object({
    scripts: names,
    dependencies: names,
    devDependencies: names,
    optionalDependencies: names,
  })
  .parse(JSON.parse(readFileSync(`${packageFolder}package.json`, 'utf8')));

describe('CONTRIBUTING.md', () => {
  it('gives a reason for every dependency, and for nothing else', () => {
    const [, section = ''] = text.split('\n## Dependencies, and why\n');
    const told = [...section.matchAll(/^\| (?!package|-)([^|]+) \|/gm)]
      .flatMap(([, cell = '']) => cell.replace(/ \(.*\)| \d+$/g, '').split(', '))
      .sort();
    const used = Object.values(dependencies)
      .flatMap((group) => Object.keys(group))
      .map((name) => (name.startsWith('@types/') ? '@types/*' : name));
    assert.deepEqual(told, [...new Set(used)].sort());
  });

  it('names only scripts that are there', () => {
    const called = [...text.matchAll(/\bnpm run ([\w:]+)/g)].map(([, name = '']) => name);
    assert.ok(called.length > 5);
    for (const name of called) assert.ok(Object.hasOwn(scripts, name), name);
  });

  it('has every folder of src in its line of layers', () => {
    const [line = ''] = /^main\.ts > .*$/m.exec(text) ?? [];
    const layers = line.split(/ > |, /);
    const folders = readdirSync(`${packageFolder}src`).filter((name) => !name.includes('.'));
    for (const folder of folders) assert.ok(layers.includes(folder), folder);
  });

  it('names only files that are there', () => {
    const files = [...text.matchAll(/`((?:src|test|man)\/[\w./-]+)`/g)].map(
      ([, path = '']) => path,
    );
    const real = files.filter((path) => !path.includes('/a/b.'));
    assert.ok(real.length > 3);
    for (const path of real) assert.ok(existsSync(`${packageFolder}${path}`), path);
  });
});
