import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { describe, it } from 'node:test';
import { diagnosticLine } from '../../src/config/diagnostic.ts';
import { loadConfig, parseConfig } from '../../src/config/load.ts';
import { renderDiagnostic } from '../../src/config/render-diagnostic.ts';
import {
  fakeResolver,
  fixtureFiles,
  fixtureNames,
  fixturePath,
  golden,
} from '../support/config-fixtures.ts';

/** Findings name the fixture alone, wherever the tests run. */
async function load(path: string, strict = false) {
  const files = fixtureFiles();
  const options = { files, resolver: fakeResolver(), hostname: 'balancer', strict };
  const { config, diagnostics } = await loadConfig(path, options);
  const name = basename(path);
  return {
    config: config && { ...config, path: name, files: [name] },
    diagnostics: diagnostics.map((diagnostic) => ({ ...diagnostic, path: name })),
  };
}

describe('files that are read', () => {
  for (const name of fixtureNames('valid', '.cf')) {
    it(`${name}.cf gives the model of ${name}.json`, async () => {
      const { config, diagnostics } = await load(fixturePath('valid', `${name}.cf`));
      const found = { config, warnings: diagnostics.map(diagnosticLine) };
      const text = `${JSON.stringify(found, null, 2)}\n`;
      assert.equal(text, golden(fixturePath('valid', `${name}.json`), text));
      assert.ok(config !== undefined);
    });
  }
});

describe('files that are refused', () => {
  for (const name of fixtureNames('invalid', '.cf')) {
    it(`${name}.cf gives the findings of ${name}.txt`, async () => {
      const path = fixturePath('invalid', `${name}.cf`);
      const { config, diagnostics } = await load(path, name.startsWith('strict-'));
      const text = `${diagnostics.map(renderDiagnostic).join('\n')}\n`;
      assert.equal(text, golden(fixturePath('invalid', `${name}.txt`), text));
      assert.equal(config, undefined);
    });
  }

  for (const name of fixtureNames('invalid', '.cf').filter((n) => n.startsWith('strict-'))) {
    it(`${name}.cf is read when not strict`, async () => {
      const { config } = await load(fixturePath('invalid', `${name}.cf`));
      assert.ok(config !== undefined);
    });
  }
});

describe('loadConfig', () => {
  it('tells of a file that is not there without a line', async () => {
    const { config, diagnostics } = await loadConfig('/nowhere/ldirectord.cf');
    assert.equal(config, undefined);
    assert.deepEqual(diagnostics.map(diagnosticLine), [
      '/nowhere/ldirectord.cf: can not open file: no such file or directory',
    ]);
    assert.deepEqual(diagnostics.map(renderDiagnostic), diagnostics.map(diagnosticLine));
  });

  it('tells of a directory in the place of a file', async () => {
    const { diagnostics } = await loadConfig(tmpdir());
    assert.deepEqual(diagnostics.map(diagnosticLine), [
      `${tmpdir()}: can not open file: it is a directory, expected a regular file`,
    ]);
  });

  it('reads what is not UTF-8 as Latin-1 and says so', async (t) => {
    const directory = await mkdtemp(join(tmpdir(), 'ipvsd-config-'));
    t.after(() => rm(directory, { recursive: true }));
    const path = join(directory, 'latin1.cf');
    const text = 'virtual=10.9.0.30:80\n\tcomment=Grüße\n\n';
    await writeFile(path, text, 'latin1');
    const { config, diagnostics } = await loadConfig(path);
    assert.equal(config?.virtuals[0]?.comment, 'Grüße');
    assert.deepEqual(diagnostics.map(diagnosticLine), [
      `${path}: warning: not UTF-8, read as Latin-1`,
    ]);
  });

  it('says nothing about good files', async () => {
    for (const name of ['seed-002', 'seed-004', 'web-sample', 'comments-only', 'names']) {
      const { diagnostics } = await load(fixturePath('valid', `${name}.cf`), true);
      assert.deepEqual(diagnostics, [], name);
    }
  });
});

describe('names', () => {
  it('are each asked for once, and literals never', async () => {
    const resolver = fakeResolver();
    const line = '\treal=rs1.example.com:http-alt masq\n';
    const section = (port: number) => `virtual=www.example.com:${port}\n${line.repeat(3)}\n`;
    const { config } = await parseConfig(section(80) + section(81), 'a.cf', { resolver });
    assert.equal(config?.virtuals[1]?.reals[2]?.address, '10.9.0.2');
    assert.equal(config?.virtuals[1]?.reals[2]?.port, 8080);
    assert.deepEqual(resolver.asked.toSorted(), [
      'inet rs1.example.com',
      'inet www.example.com',
      'tcp http-alt',
    ]);
    const literal = fakeResolver();
    await parseConfig('virtual=10.9.0.1:80\n\treal=10.9.0.2:8080 masq\n', 'a.cf', {
      resolver: literal,
    });
    assert.deepEqual(literal.asked, []);
  });
});

describe('what cannot be checked here', () => {
  const section = (address: string, ...lines: readonly string[]): string =>
    [`virtual=${address}`, '\treal=10.9.0.2 masq', ...lines.map((l) => `\t${l}`), '', ''].join(
      '\n',
    );

  it('is an error that names the npm package which a service lacks', async () => {
    const missingPackage = (service: string) => (service === 'mysql' ? 'mysql2' : undefined);
    for (const [lines, line] of [
      [['service=mysql'], 3],
      [['checktype=3', 'service=mysql'], 4],
    ] as const) {
      const text = section('10.9.0.1:80', ...lines);
      const { config, diagnostics } = await parseConfig(text, 'a.cf', { missingPackage });
      assert.equal(config, undefined);
      assert.deepEqual(diagnostics.map(diagnosticLine), [
        `a.cf:${line}:2: service: "mysql" needs the npm package "mysql2", which is not installed`,
      ]);
    }
    // A connect check needs none.
    for (const lines of [['service=mysql', 'checktype=connect'], ['service=pgsql']]) {
      const text = section('10.9.0.1:80', ...lines);
      assert.ok((await parseConfig(text, 'a.cf', { missingPackage })).config !== undefined);
    }
  });
});

describe('a check of a database that asks nobody', () => {
  const real = 'real=10.9.0.2->10.9.0.4:80 masq';
  const findings = async (...lines: readonly string[]): Promise<readonly string[]> => {
    const text = ['virtual=10.9.0.1:3306', real, ...lines].join('\n\t');
    const { config, diagnostics } = await parseConfig(`${text}\n\n`, 'a.cf');
    assert.ok(config !== undefined);
    return diagnostics.map(diagnosticLine);
  };
  const asked = ['login="joe"', 'request="SELECT 1"'];

  for (const service of ['mysql', 'pgsql', 'oracle']) {
    it(`is a warning for ${service}, once for the section, with what comes of it`, async () => {
      const result = 'asks nobody, and its real server is never up';
      assert.deepEqual(await findings(`service=${service}`), [
        `a.cf:3:2: warning: login: without it a check of ${service} ${result}`,
        `a.cf:3:2: warning: request: without an SQL query in it a check of ${service} ${result}`,
      ]);
      assert.deepEqual(await findings(`service=${service}`, 'checktype=2', asked[0] ?? ''), [
        `a.cf:3:2: warning: request: without an SQL query in it a check of ${service} ${result}`,
      ]);
    });
  }

  it('is one too where the port names the service, and for the one real server without a query', async () => {
    assert.match(
      (await findings(asked[1] ?? '')).join('\n'),
      /^a\.cf:1:1: warning: login: without it a check of mysql/,
    );
    const own = 'real=10.9.0.9:80 masq 1 "SELECT 2", "x"';
    assert.match(
      (await findings(own, asked[0] ?? '')).join('\n'),
      /^a\.cf:1:1: warning: request: /,
    );
  });

  it('is none where somebody is asked, or no query is needed', async () => {
    assert.deepEqual(await findings(...asked), []);
    assert.deepEqual(await findings('checktype=connect'), []);
    assert.deepEqual(await findings('service=http'), []);
  });
});

describe('what a finding quotes of the file', () => {
  it('is cut when it is long, and counted as it is printed', async () => {
    const { diagnostics } = await parseConfig(`${'\u0001'.repeat(1000)}\n`, 'a.cf');
    const [first] = diagnostics;
    assert.match(first?.message ?? '', /^expected "name = value", got "(\\u0001)+(\\\w*)?…$/);
    assert.equal(first?.message.length, 301);
  });
});
