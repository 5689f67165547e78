import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { check } from '../../src/config/check-schema.ts';
import { loadConfig } from '../../src/config/load.ts';
import type { Config } from '../../src/config/model.ts';
import { configJsonSchema, configSchema } from '../../src/config/schema.ts';
import { blockChecks } from '../support/block-checks.ts';
import {
  fakeResolver,
  fixtureFiles,
  fixtureNames,
  fixturePath,
  golden,
} from '../support/config-fixtures.ts';

const published = fileURLToPath(new URL('../../../src/config/config.schema.json', import.meta.url));

type Plain<T> = { -readonly [K in keyof T]: Plain<T[K]> };
type Same<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** A field that only one of the two has does not compile. */
const sameAsModel: Same<Plain<Config>, Plain<z.infer<typeof configSchema>>> = true;

/** The resolved model of a fixture. */
function model(name: string): Readonly<Record<string, unknown>> {
  const text = readFileSync(fixturePath('valid', `${name}.json`), 'utf8');
  return z.object({ config: z.record(z.string(), z.unknown()) }).parse(JSON.parse(text)).config;
}

describe('the JSON Schema of the resolved model', () => {
  it('has the fields of the model', () => {
    assert.ok(sameAsModel);
  });

  it('is the published one', () => {
    const text = `${JSON.stringify(configJsonSchema(), undefined, 2)}\n`;
    // the formatter has its own way with the lines of the file
    assert.deepEqual(JSON.parse(golden(published, text)), configJsonSchema());
  });

  const schema = () => z.fromJSONSchema(JSON.parse(readFileSync(published, 'utf8')));

  for (const name of fixtureNames('valid', '.json')) {
    it(`holds for ${name}.json`, () => {
      assert.equal(schema().safeParse(model(name)).error, undefined);
      assert.equal(configSchema.safeParse(model(name)).error, undefined);
    });
  }

  for (const name of fixtureNames('invalid', '.cf').filter((one) => one.startsWith('strict-'))) {
    it(`holds for what is read of ${name}.cf when not strict`, async () => {
      const options = { files: fixtureFiles(), resolver: fakeResolver(), hostname: 'balancer' };
      const { config } = await loadConfig(fixturePath('invalid', `${name}.cf`), options);
      const printed: unknown = JSON.parse(JSON.stringify(config));
      assert.equal(schema().safeParse(printed).error, undefined);
    });
  }

  it('holds for every check that a block describes', () => {
    const target = { family: 'inet', address: '10.0.0.2', port: 80 } as const;
    for (const definition of blockChecks(target)) {
      assert.deepEqual(check.parse(definition), definition);
      assert.equal(check.safeParse({ ...definition, more: 1 }).success, false);
    }
  });

  it('refuses what is not the model', () => {
    const good = model('web-sample');
    const { virtuals, ...rest } = good;
    assert.ok(Array.isArray(virtuals));
    const [virtual] = virtuals;
    for (const bad of [
      rest,
      { ...good, more: 1 },
      { ...good, autoreload: 'yes' },
      { ...good, virtuals: [{ ...virtual, id: { family: 'inet', fwmark: 0 } }] },
      { ...good, virtuals: [{ ...virtual, rise: undefined }] },
      { ...good, virtuals: [{ ...virtual, fallback: { address: '10.0.0.1' } }] },
    ]) {
      assert.equal(schema().safeParse(bad).success, false);
    }
  });
});
