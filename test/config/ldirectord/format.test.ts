import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { format } from '../../../src/config/ldirectord/format.ts';
import { parse } from '../../../src/config/ldirectord/parser.ts';
import { silentLines } from '../../../src/config/ldirectord/report.ts';
import { parseConfig } from '../../../src/config/load.ts';
import { configText } from '../../support/arbitrary-config.ts';
import { goodConfigText } from '../../support/arbitrary-good-config.ts';
import { fakeResolver, fixtureNames, fixturePath, golden } from '../../support/config-fixtures.ts';
import { fakeFiles } from '../../support/fake-files.ts';

const formatted = (text: string): string => format(parse(text, silentLines));

const options = { resolver: fakeResolver(), hostname: 'lb', files: fakeFiles({}) };
const configOf = async (text: string) => (await parseConfig(text, 'a.cf', options)).config;

/** Comments and blank lines, each as its line has it. */
const kept = (text: string): readonly string[] =>
  text
    .replace(/^\ufeff/, '')
    .replace(/\r?\n$/, '')
    .split(/\r?\n/)
    .map((line) => (/^\s*(#|$)/.test(line) ? line.trim() : 'directive'));

describe('format', () => {
  it('indents sections by 8 blanks, and writes name=value', () => {
    assert.equal(
      formatted(
        'checkinterval = 5 \n\nvirtual =\t10.9.0.30:80\n\treal = 10.9.0.2:80  gate 5\t# a\n',
      ),
      'checkinterval=5\n\nvirtual=10.9.0.30:80\n        real=10.9.0.2:80  gate 5 # a\n',
    );
  });

  it('leaves comments at the start of a line there, and indents the others with the section', () => {
    assert.equal(
      formatted('  # top \nvirtual=5\n#off\n  # in\n\treal=10.9.0.2 gate\n     \n'),
      '# top\nvirtual=5\n#off\n        # in\n        real=10.9.0.2 gate\n\n',
    );
  });

  it('ends every line with LF, and drops the byte order mark', () => {
    assert.equal(formatted('\ufeffquiescent=yes\r\nsupervised'), 'quiescent=yes\nsupervised\n');
    assert.equal(formatted(''), '');
  });

  it('brings lost indentation back', () => {
    assert.equal(
      formatted('virtual=5\nreal=10.9.0.2 gate\nquiescent=no\nchecktype=on\n'),
      'virtual=5\n        real=10.9.0.2 gate\n        quiescent=no\n        checktype=on\n',
    );
  });

  it('keeps the blanks of a line whose meaning hangs on them', () => {
    const text = 'virtual=5\n        real=10.9.0.2 gate\nchecktype=on\nvirtualhost=a#b\n';
    const indented =
      'virtual=5\n        real=10.9.0.2 gate\n        checktype=on\nvirtualhost=a#b\n';
    assert.equal(formatted(text), indented);
  });

  for (const name of fixtureNames('valid', '.cf')) {
    it(`${name}.cf becomes ${name}.formatted`, async () => {
      const text = readFileSync(fixturePath('valid', `${name}.cf`), 'utf8');
      const found = formatted(text);
      assert.equal(found, golden(fixturePath('valid', `${name}.formatted`), found));
      assert.equal(formatted(found), found);
    });
  }

  const keepsAll = async (text: string): Promise<boolean> => {
    const before = await configOf(text);
    if (before === undefined) return false;
    const after = formatted(text);
    assert.deepEqual(await configOf(after), before);
    if (text !== '') assert.deepEqual(kept(after), kept(text));
    assert.equal(formatted(after), after);
    return true;
  };

  it('keeps the meaning, every comment and every blank line of a good file', async () => {
    await fc.assert(
      fc.asyncProperty(goodConfigText(), async (text) => assert.ok(await keepsAll(text))),
      { numRuns: 300 },
    );
  });

  it('keeps them whatever else a file without errors may have', async () => {
    await fc.assert(
      fc.asyncProperty(configText(), async (text) => {
        await keepsAll(text);
      }),
      { numRuns: 500 },
    );
  });
});
