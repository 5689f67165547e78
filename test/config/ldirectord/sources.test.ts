import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { diagnosticLine } from '../../../src/config/diagnostic.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { fakeResolver } from '../../support/config-fixtures.ts';
import { fakeFiles } from '../../support/fake-files.ts';

const section = (port: number, ...lines: readonly string[]): string =>
  [`virtual=10.9.0.30:${port}`, '\treal=10.9.0.2 masq', ...lines, ''].join('\n');

async function load(
  texts: Readonly<Record<string, string>>,
  options: { readonly strict?: boolean; readonly links?: Readonly<Record<string, string>> } = {},
) {
  const { strict, links } = options;
  const files = fakeFiles(texts, links);
  const resolver = fakeResolver();
  const result = await loadConfig('/lb/main.cf', { files, resolver, strict, hostname: 'lb' });
  return { ...result, said: result.diagnostics.map(diagnosticLine) };
}

describe('a file that includes others', () => {
  it('means what one text of them all would mean', async () => {
    const { config, said } = await load({
      '/lb/main.cf': [
        'quiescent=yes',
        'checkinterval=3',
        section(80),
        'include=conf.d',
        'checkinterval=4',
        section(83),
      ].join('\n'),
      '/lb/conf.d/b.cf': `${section(82)}\nautoreload=yes\n`,
      '/lb/conf.d/a.cf': `quiescent=no\n${section(81)}`,
    });
    assert.deepEqual(said, []);
    assert.deepEqual(
      config?.virtuals.map(({ label, quiescent, intervals, file, line }) => [
        label,
        quiescent,
        intervals.normalMs,
        file,
        line,
      ]),
      [
        ['10.9.0.30:80', false, 4000, undefined, 3],
        ['10.9.0.30:81', false, 4000, '/lb/conf.d/a.cf', 2],
        ['10.9.0.30:82', false, 4000, '/lb/conf.d/b.cf', 1],
        ['10.9.0.30:83', false, 4000, undefined, 8],
      ],
    );
    assert.equal(config?.autoreload, true);
    assert.deepEqual(config?.files, [
      '/lb/main.cf',
      '/lb/conf.d/a.cf',
      '/lb/conf.d/b.cf',
      '/lb/conf.d/',
    ]);
  });

  it('has the findings of each file under its own name', async () => {
    const { config, said, files } = await load({
      '/lb/main.cf': `include = sub/a.cf\nchekinterval=5\n${section(80)}`,
      '/lb/sub/a.cf': `include=b.cf\n${section(80)}`,
      '/lb/sub/b.cf': 'checkinterval=soon\nfallback=nowhere.example.com\n',
    });
    assert.equal(config, undefined);
    assert.deepEqual(said, [
      '/lb/main.cf:2:1: unknown directive "chekinterval"; did you mean "checkinterval"?',
      '/lb/main.cf:3:9: virtual: duplicate virtual server tcp:10.9.0.30:80, line 2 of "/lb/sub/a.cf" has it already',
      '/lb/sub/b.cf:1:15: checkinterval: expected a whole number of seconds >= 1, got "soon"',
      '/lb/sub/b.cf:2:10: fallback: "nowhere.example.com" does not resolve to an IPv4 address',
    ]);
    assert.deepEqual(files, ['/lb/main.cf', '/lb/sub/a.cf', '/lb/sub/b.cf']);
  });

  it('reads each file once', async () => {
    const { said, files } = await load(
      { '/lb/main.cf': 'include=a.cf\ninclude=*.cf\n', '/lb/a.cf': 'include=again.cf\n' },
      { links: { '/lb/again.cf': '/lb/main.cf' } },
    );
    assert.deepEqual(said, ['/lb/a.cf:1:9: include: "/lb/again.cf" has been read already']);
    assert.deepEqual(files, ['/lb/main.cf', '/lb/a.cf', '/lb/']);
  });

  it('says which file is not there, at the line that wants it', async () => {
    const { said } = await load({ '/lb/main.cf': '\n\ninclude="b.cf"\n' });
    assert.deepEqual(said, [
      '/lb/main.cf:3:9: include: can not open file "/lb/b.cf": no such file or directory',
    ]);
  });

  it('may include nothing', async () => {
    const { config, said } = await load({ '/lb/main.cf': 'include=*.conf\n' });
    assert.deepEqual(said, []);
    assert.deepEqual(config?.virtuals, []);
  });

  it('refuses an include in a section', async () => {
    const { said } = await load({ '/lb/main.cf': `${section(80, '\tinclude=a.cf')}` });
    assert.deepEqual(said, [
      '/lb/main.cf:3:2: include: not allowed in a section, it belongs before the first "virtual"',
    ]);
  });

  it('is refused when strict, as every directive of our own', async () => {
    const texts = { '/lb/main.cf': `include=*.conf\nrise=2\n${section(80)}` };
    assert.deepEqual((await load(texts)).said, []);
    assert.deepEqual((await load(texts, { strict: true })).said, [
      '/lb/main.cf:1:1: include: not known to ldirectord; refused as strict',
      '/lb/main.cf:2:1: rise: not known to ldirectord; refused as strict',
    ]);
  });
});
