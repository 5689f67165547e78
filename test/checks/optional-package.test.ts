import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { missingPackage } from '../../src/checks/optional-package.ts';
import { negotiateServices } from '../../src/config/check-model.ts';
import { negotiateCheck } from '../support/negotiate-check.ts';
import { temporaryDirectory } from '../support/script.ts';
import { refusingEndpoint } from '../support/tcp-server.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));

const needs = [
  ['ldap', 'ldapts'],
  ['ldaps', 'ldapts'],
  ['mysql', 'mysql2'],
  ['oracle', 'oracledb'],
  ['pgsql', 'pg'],
  ['radius', 'radius'],
] as const;

describe('missingPackage', () => {
  it('finds all that were installed for the tests', () => {
    for (const service of negotiateServices) assert.equal(missingPackage(service), undefined);
  });
});

describe('ipvsd without the optional packages', () => {
  const names = needs.map(([, name]) => name);

  it('refuses a file that needs them, names each, and has nothing against the rest', async (t) => {
    const directory = programWithout(t, names);
    const file = path.join(directory, 'all.cf');
    writeFileSync(file, negotiateServices.map(section).join(''));
    const program = path.join(directory, 'dist/src/main.js');
    const { exitCode, stdout } = await execa(
      process.execPath,
      [program, 'config', 'check', '--json', file],
      { reject: false },
    );
    assert.equal(exitCode, 2, stdout);
    const messages = [...stdout.matchAll(/\\"(\w+)\\" needs the npm package \\"(\w+)\\"/g)];
    assert.deepEqual(
      messages.map(([, service, name]) => [service, name]),
      needs,
    );
    assert.equal(stdout.match(/"error"/g)?.length, needs.length, stdout);
  });

  it('says nothing about a server whose check has lost its package since', async (t) => {
    const directory = programWithout(t, names);
    const definition = negotiateCheck(await refusingEndpoint(), { service: 'mysql', login: 'l' });
    const script = path.join(directory, 'ask.mjs');
    writeFileSync(
      script,
      `import { runCheck } from './dist/src/checks/registry.js';
       const signal = AbortSignal.timeout(10_000);
       console.log(JSON.stringify(await runCheck(${JSON.stringify(definition)}, { signal })));`,
    );
    const { stdout } = await execa(process.execPath, [script]);
    assert.deepEqual(JSON.parse(stdout), {
      up: false,
      reason: 'an npm package that this check needs is not installed',
      inconclusive: true,
    });
  });
});

/** A directory with a copy of the program, where all of its packages are found but these. */
function programWithout(t: TestContext, left: readonly string[]): string {
  const directory = temporaryDirectory(t);
  const copy = path.join(directory, 'dist', 'src');
  cpSync(path.join(root, 'dist', 'src'), copy, { recursive: true });
  cpSync(path.join(root, 'package.json'), path.join(directory, 'package.json'));
  mkdirSync(path.join(directory, 'node_modules'));
  const installed = path.join(root, 'node_modules');
  for (const name of readdirSync(installed).filter((name) => !left.includes(name))) {
    symlinkSync(path.join(installed, name), path.join(directory, 'node_modules', name));
  }
  return directory;
}

function section(service: string, index: number): string {
  const lines = [`service=${service}`, 'request="/x"', 'receive="."', 'login="l"', 'passwd="p"'];
  return `virtual=10.9.0.1:${1000 + index}\n\treal=10.9.0.2:80 masq\n\t${lines.join('\n\t')}\n\n`;
}
