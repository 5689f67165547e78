// biome-ignore-all lint/suspicious/noTemplateCurlyInString: definitions of keepalived look so
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Findings, findingLine } from '../../../src/config/keepalived/finding.ts';
import type { ImportFiles } from '../../../src/config/keepalived/import-files.ts';
import { readSourceLines } from '../../../src/config/keepalived/source-lines.ts';

interface Disk {
  readonly [path: string]: string | { readonly executable: string };
}

function disk(content: Disk): ImportFiles {
  return {
    read(path) {
      const file = content[path];
      if (typeof file === 'string') return Buffer.from(file);
      throw new Error(`${path} is not to be read`);
    },
    kind(path) {
      const file = content[path];
      if (file === undefined) {
        return Object.keys(content).some((one) => one.startsWith(`${path}/`)) ? 'other' : 'missing';
      }
      return typeof file === 'string' ? 'file' : 'executable';
    },
    names(folder) {
      const prefix = folder === '/' ? '/' : `${folder}/`;
      const below = Object.keys(content).filter((path) => path.startsWith(prefix));
      return [...new Set(below.map((path) => path.slice(prefix.length).split('/')[0] ?? ''))];
    },
  };
}

function read(content: Disk | string) {
  const findings = new Findings();
  const files = disk(typeof content === 'string' ? { '/k/k.conf': content } : content);
  const surroundings = { configId: 'lb1', environment: { SITE: 'north' } };
  const lines = readSourceLines('/k/k.conf', surroundings, files, findings);
  return {
    lines: lines.map(({ text, file, line }) => `${file.replace('/k/', '')}:${line} ${text.trim()}`),
    findings: findings.list.map(findingLine),
  };
}

function texts(content: string): readonly string[] {
  const { lines, findings } = read(content);
  assert.deepEqual(findings, []);
  return lines.map((line) => line.replace(/^\S+ /, ''));
}

describe('lines of keepalived.conf', () => {
  it('lose comments of both signs, but not within double quotes or behind a backslash', () => {
    assert.deepEqual(texts('a#b\nc ! d # e\n"f # g ! h" i!j\nk\\#l\\!m\n# n\r\n\r\no\r\n'), [
      'a',
      'c',
      '"f # g ! h" i',
      'k#l!m',
      'o',
    ]);
  });

  it('with @ count for one config-id, with @^ for all others', () => {
    assert.deepEqual(texts('@lb1 a\n@^lb2 d\n@lb1\n'), ['a', 'd']);
    const { lines, findings } = read('@lb1 a\n  @lb2 b\n@^lb1 c\n@^lb2 d\n');
    assert.deepEqual(lines, ['k.conf:1 a', 'k.conf:4 d']);
    // once for all of them
    assert.deepEqual(findings, [
      '/k/k.conf:2: @lb2: note: left out, as are other lines that are not for "lb1": --config-id names the machine that the file is read for',
    ]);
  });

  it('longer than the buffer, or with a NUL, are errors: keepalived drops them', () => {
    assert.deepEqual(read(`${'a'.repeat(1022)}\nb\0c\n`).findings.length, 1);
    assert.deepEqual(read(`${'a'.repeat(1023)}\n`).findings, [
      '/k/k.conf:1: line: error: expected at most 1022 bytes and no NUL, got a line of 1023 bytes, which keepalived drops',
    ]);
  });
});

describe('definitions', () => {
  it('are put in again and again, where they end as a word or stand in braces', () => {
    const text = '$A=x$B\n$B= 1 \n$C=\n$A\n${A}y$A,$A) $Ay $B. [${C}]\n$B=2\n$A\n';
    assert.deepEqual(texts(text), ['x1', 'x$Byx1,x1) $Ay $B. []', 'x2']);
  });

  it('are none with a blank before the sign', () => {
    assert.deepEqual(texts('$A = 1\n'), ['$A = 1']);
  });

  it('of several lines give several lines', () => {
    assert.deepEqual(texts('$A=a { \\\n  b \\\n }\nx $A\n'), ['x a {', 'b', '}']);
  });

  it('that are predefined can be overridden', () => {
    assert.deepEqual(texts('${_PWD} ${_INSTANCE} ${_ENV SITE} ${_ENV NONE}${_HASH}${_BANG}\n'), [
      '/k lb1 north #!',
    ]);
    assert.deepEqual(texts('$_INSTANCE=x\n${_INSTANCE}\n'), ['x']);
  });

  const endless: readonly [string, string][] = [
    ['one that doubles itself', '$A=${A} ${A}\nx ${A}\n'],
    [
      'each twice the one before',
      `$A0=xx\n${Array.from({ length: 40 }, (_, i) => `$A${i + 1}=\${A${i}}\${A${i}}\n`).join('')}x \${A40}\n`,
    ],
  ];
  for (const [name, text] of endless) {
    it(`without an end, or none in sight, are an error: ${name}`, () => {
      const { lines, findings } = read(text);
      assert.deepEqual(lines, []);
      assert.match(findings.join('\n'), /^\S+ \$: error: [^\n]*(itself|longer than)[^\n]*$/);
    });
  }

  it('that are missing are an error, but within quotes', () => {
    assert.deepEqual(read('a ${B}\n"${C}"\n').findings, [
      '/k/k.conf:1: ${B}: error: expected a definition of it in a line before',
    ]);
  });
});

describe('sequences', () => {
  const cases: readonly [string, readonly string[]][] = [
    ['~SEQ(i, 3) a$i', ['a1', 'a2', 'a3']],
    ['~SEQ(i, -2) a$i', ['a-1', 'a-2']],
    ['~SEQ(i,5,3) a$i', ['a5', 'a4', 'a3']],
    ['~SEQ(i,1,2,6) a$i', ['a1', 'a3', 'a5']],
    ['~SEQ(i,4,-2,0) a$i', ['a4', 'a2', 'a0']],
    ['~SEQx(i,0x9,11) a$i', ['a9', 'aa', 'ab']],
    ['~LST(i, p, q) a$i', ['ap', 'aq']],
    ['~LST({i,j}, {1,x}, {2,y}) ${i}${j}', ['1x', '2y']],
    ['~SEQ(i,2) ~LST(j,a,b) ${i}${j}', ['1a', '1b', '2a', '2b']],
    ['$N=2\n~SEQ(i,$N) a$i', ['a1', 'a2']],
    ['$L= x$i \\\n y\n~SEQ(i,2) $L', ['x1', 'y', 'x2', 'y']],
    ['$L=~SEQ(i,2) a$i\n$L', ['a1', 'a2']],
  ];
  for (const [text, expected] of cases) {
    it(text.replaceAll('\n', ' / '), () => assert.deepEqual(texts(`${text}\n`), expected));
  }

  it('that never end, or would be longer than any table, are errors', () => {
    assert.equal(read('~SEQ(i,1,0,5) a\n').findings.length, 1);
    assert.equal(read('~SEQ(i,1000000) a\n').findings.length, 1);
    assert.match(
      read('~SEQ(i,60000) ~SEQ(j,60000) a\n').findings.join('\n'),
      /longer than \d+ characters$/,
    );
    assert.match(
      read(`${'~SEQ(i,1)'.repeat(30)} a\n`).findings.join('\n'),
      /at most 16 sequences within one another$/,
    );
  });
});

describe('includes', () => {
  const content = {
    '/k/k.conf': 'a\n{\ninclude d/*.conf\n}\ninclude e{1,2}\n',
    '/k/d/2.conf': 'two\ninclude more\n',
    '/k/d/1.conf': 'one\n',
    '/k/d/.hidden.conf': 'no\n',
    '/k/d/x.conf': { executable: 'no' },
    '/k/d/more': 'more\n',
    '/k/e1': 'e1\n',
    '/k/e2': 'e2\n',
  };

  it('are read in the order of their names, relative to the file that they stand in', () => {
    const { lines, findings } = read(content);
    assert.deepEqual(lines, [
      'k.conf:1 a',
      'k.conf:2 {',
      'd/1.conf:1 one',
      'd/2.conf:1 two',
      'd/more:1 more',
      'k.conf:4 }',
      'e1:1 e1',
      'e2:1 e2',
    ]);
    assert.deepEqual(findings, [
      '/k/k.conf:3: include: note: "/k/d/x.conf" is not read, as keepalived does not: somebody may execute it',
    ]);
  });

  const strict: readonly [string, number][] = [
    ['include none', 0],
    ['includer none', 0],
    ['includem none', 1],
    ['includem none*', 0],
    ['includew none*', 1],
    ['includeb {e1,none}', 1],
    ['includem {e1,none}', 0],
    ['includea none', 1],
    ['includer d/x.conf', 1],
    ['include d/x.conf', 0],
    ['include_check\ninclude none', 1],
    ['include_check match\ninclude none*', 0],
    ['include_check +match\ninclude none', 1],
    ['include_check\ninclude_check -match\ninclude none', 0],
    ['include_check readable\ninclude d/x.conf', 1],
  ];
  for (const [text, errors] of strict) {
    it(`${text.replaceAll('\n', ' / ')}: ${errors} errors`, () => {
      const { findings } = read({ ...content, '/k/k.conf': `${text}\n` });
      assert.equal(findings.filter((line) => line.includes(': error: ')).length, errors);
    });
  }

  it('of themselves, and by way of others, are an error at the first time', () => {
    const self = read('include k.conf\ninclude k.conf\n');
    assert.deepEqual(self.findings.length, 2);
    const { findings } = read({
      '/k/k.conf': 'include a\ninclude a\n',
      '/k/a': 'include k.conf\n',
    });
    assert.deepEqual(findings, ['/k/a:1: include: error: "k.conf" is included by itself']);
  });

  it('end somewhere, also when each file includes two others', () => {
    const names = Array.from({ length: 32 }, (_, i) => `f${i}`);
    const both = (i: number) => `include f${i + 1}\ninclude f${i + 1}\n`;
    const files = names.map((name, i) => [`/k/${name}`, both(i)]);
    const { findings } = read({ '/k/k.conf': both(-1), ...Object.fromEntries(files) });
    assert.match(findings.join('\n'), /longer than \d+ characters/);
  });

  it('with more alternatives than anybody writes are an error', () => {
    const { findings } = read(`include ${'{a,b}'.repeat(60)}\n`);
    assert.match(findings.join('\n'), /^\S+ include: error: expected fewer alternatives, got /);
  });

  it('set checks for themselves alone', () => {
    const { findings } = read({
      '/k/k.conf': 'include a\ninclude none\n',
      '/k/a': 'include_check\n',
    });
    assert.deepEqual(findings, ['/k/k.conf:2: include: note: no file matches "none"']);
  });
});
