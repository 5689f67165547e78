import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { showText } from '../../src/cli/config-show-text.ts';
import { parseConfig } from '../../src/config/load.ts';
import { callIpvsd } from '../support/call-ipvsd.ts';
import {
  fakeResolver,
  fixtureFiles,
  fixtureNames,
  fixturePath,
  golden,
} from '../support/config-fixtures.ts';

const schemaPath = fileURLToPath(
  new URL('../../../src/config/config.schema.json', import.meta.url),
);

describe('ipvsd config show', () => {
  it('--json prints the resolved model', async () => {
    const path = fixturePath('valid', 'web-sample.cf');
    const { exitCode, stdout, stderr } = await callIpvsd('config', 'show', '--json', path);
    assert.deepEqual([exitCode, stderr], [0, '']);
    const { config } = JSON.parse(readFileSync(fixturePath('valid', 'web-sample.json'), 'utf8'));
    assert.deepEqual(JSON.parse(stdout), { ...config, path, files: [path] });
  });

  it('--schema prints the published JSON Schema', async () => {
    const { exitCode, stdout } = await callIpvsd('config', 'show', '--schema');
    assert.equal(exitCode, 0);
    assert.deepEqual(JSON.parse(stdout), JSON.parse(readFileSync(schemaPath, 'utf8')));
  });

  it('prints the findings and exits with 2 for a file with errors', async () => {
    const path = fixturePath('invalid', 'duplicate.cf');
    const { exitCode, stdout, stderr } = await callIpvsd('config', 'show', path);
    assert.deepEqual([exitCode, stdout], [2, '']);
    assert.match(stderr, /duplicate virtual server/);
  });

  it('wants one file', async () => {
    assert.equal((await callIpvsd('config', 'show')).exitCode, 1);
    assert.equal((await callIpvsd('config', 'show', 'a', 'b')).exitCode, 1);
  });
});

describe('showText', () => {
  for (const name of fixtureNames('valid', '.cf')) {
    it(`shows ${name}.cf as ${name}.shown`, async () => {
      const text = readFileSync(fixturePath('valid', `${name}.cf`), 'utf8');
      const files = fixtureFiles();
      const options = { files, resolver: fakeResolver(), hostname: 'balancer' };
      const { config } = await parseConfig(text, `${name}.cf`, options);
      assert.ok(config !== undefined);
      const shown = showText(config);
      assert.equal(shown, golden(fixturePath('valid', `${name}.shown`), shown));
      assert.doesNotMatch(shown, /s3cret|shared/);
    });
  }
});
