import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { diagnosticLine } from '../../../src/config/diagnostic.ts';
import { exportKeepalived } from '../../../src/config/keepalived/export-keepalived.ts';
import { findingLine } from '../../../src/config/keepalived/finding.ts';
import type { ImportFiles } from '../../../src/config/keepalived/import-files.ts';
import { importKeepalived } from '../../../src/config/keepalived/import-keepalived.ts';
import { parseConfig } from '../../../src/config/load.ts';
import type { Config } from '../../../src/config/model.ts';
import { keepalivedText } from '../../support/arbitrary-keepalived.ts';
import { fakeResolver, golden } from '../../support/config-fixtures.ts';
import {
  importFixture,
  isRefused,
  keepalivedFixturePath,
  keepalivedFixtures,
} from '../../support/keepalived-fixtures.ts';

async function read(text: string): Promise<Config> {
  const options = { resolver: fakeResolver(), hostname: 'balancer' };
  const { config, diagnostics } = await parseConfig(text, 'x.cf', options);
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  assert.deepEqual(errors.map(diagnosticLine), []);
  assert.ok(config !== undefined, text);
  return config;
}

function importText(text: string) {
  const files: ImportFiles = {
    read: () => Buffer.from(text),
    kind: () => 'file',
    names: () => [],
  };
  const { text: converted = '', findings } = importKeepalived(
    '/x.conf',
    { configId: '', environment: {} },
    files,
  );
  const wrong = findings.filter(({ kind }) => kind === 'error' || kind === 'lost');
  return { converted, wrong: wrong.map(findingLine) };
}

/** What the configuration is about, without places, and without times that nothing is done at. */
function meaning({ virtuals, emailAlertFrom }: Config): unknown {
  const plain = virtuals.map(
    ({ intervals: _i, failureCount: _f, line: _l, reals, ...virtual }) => ({
      ...virtual,
      reals: reals.map(({ line: _line, checks, ...real }) => ({
        ...real,
        checks: checks.map(({ line: _at, ...check }) =>
          check.definition.type === 'on' ? check.definition : check,
        ),
      })),
    }),
  );
  return { virtuals: plain, emailAlertFrom };
}

describe('a converted keepalived.conf', () => {
  for (const name of keepalivedFixtures.filter((one) => !isRefused(one))) {
    it(`${name} is a good configuration, and comes back the same through keepalived's words`, async () => {
      const config = await read(importFixture(name).text ?? '');
      const { text } = exportKeepalived(config);
      const { converted, wrong } = importText(text);
      assert.deepEqual(wrong, [], text);
      assert.deepEqual(meaning(await read(converted)), meaning(config));
    });
  }
});

describe('any keepalived.conf', () => {
  it('gives a good configuration, which comes back the same', async () => {
    await fc.assert(
      fc.asyncProperty(keepalivedText, async (text) => {
        const first = importText(text);
        // a server that shares address and port with another is left out
        fc.pre(/^ *real/m.test(first.converted));
        const config = await read(first.converted);
        const again = importText(exportKeepalived(config).text);
        assert.deepEqual(meaning(await read(again.converted)), meaning(config));
      }),
      { numRuns: 300 },
    );
  });
});

describe('exportKeepalived', () => {
  for (const name of ['classic', 'blocks']) {
    it(`${name}.cf gives exports/${name}.conf, and names all that is lost`, async () => {
      const path = keepalivedFixturePath(`exports/${name}`);
      const config = await read(readFileSync(`${path}.cf`, 'utf8'));
      const { text, findings } = exportKeepalived({ ...config, path: `${name}.cf` });
      assert.equal(text, golden(`${path}.conf`, text));
      const said = findings.map((finding) => `${findingLine(finding)}\n`).join('');
      assert.equal(said, golden(`${path}.losses`, said));
      assert.deepEqual(importText(text).wrong, []);
    });
  }

  it('replaces a scheduler that keepalived does not know as keepalived would, and says so', async () => {
    const lines = ['scheduler=other', 'real=10.9.0.2:80 gate', 'checktype=connect'];
    const config = await read(`virtual=10.9.0.30:80\n${lines.map((one) => `\t${one}\n`).join('')}`);
    const { text, findings } = exportKeepalived(config);
    assert.match(text, /^ {4}lvs_sched wlc$/m);
    assert.deepEqual(findings.map(findingLine), [
      'x.cf:1: scheduler: lost: keepalived has no "other"; wlc is in its place',
    ]);
  });
});
