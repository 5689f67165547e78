import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { compileReceive, matchesBytes } from '../../src/config/receive.ts';

type Row = readonly [receive: string, page: string, matches: boolean];

const rows: readonly Row[] = [
  ['Test Page', '<h1>Test Page</h1>', true],
  ['test page', '<h1>Test Page</h1>', false],
  ['(?i)test page', '<h1>Test Page</h1>', true],
  ['^Test', '<h1>\nTest', false],
  ['(?m)^Test', '<h1>\nTest', true],
  ['OK$', 'all OK\n', true],
  ['OK$', 'OK not', false],
  ['(?m)OK$', 'OK\nnot', true],
  ['OK\\z', 'OK\n', false],
  ['OK\\Z', 'OK\n', true],
  ['\\AOK', 'OK', true],
  ['\\AOK', 'not OK', false],
  ['a.b', 'a\nb', false],
  ['a.b', 'a\rb', true],
  ['(?s)a.b', 'a\nb', true],
  ['a[.]b', 'acb', false],
  ['1\\.2\\.3\\.4', '1x2x3x4', false],
  ['[[:digit:]]{3}', 'call 112', true],
  ['[^[:digit:]]', '112', false],
  ['[[:alpha:]_]+=[$]', 'my_x=$', true],
  ['[]x]', ']', true],
  ['[^]x]', ']', false],
  ['a\\hb', 'a\tb', true],
  ['\\$5\\^', '$5^', true],
  ['a{', 'a{', true],
  ['grün', 'das ist grün', true],
  ['gr.{2}n', 'das ist grün', true],
];

describe('compileReceive', () => {
  for (const [receive, page, matches] of rows) {
    it(`${receive} ${matches ? 'is' : 'is not'} in ${JSON.stringify(page)}`, () => {
      assert.equal(matchesBytes(compileReceive(receive), Buffer.from(page, 'utf8')), matches);
    });
  }

  it('searches bytes that are not UTF-8', () => {
    const page = Buffer.from([0xff, 0xfe, 0x4f, 0x4b, 0x00]);
    assert.equal(matchesBytes(compileReceive('OK'), page), true);
    assert.equal(matchesBytes(compileReceive('\\xff\\xfeOK'), page), true);
  });

  it('throws at what is no expression', () => {
    assert.throws(() => compileReceive('a('), {
      name: 'SyntaxError',
      message: 'unterminated group',
    });
    assert.throws(() => compileReceive('*'), { name: 'SyntaxError', message: 'nothing to repeat' });
    assert.throws(() => compileReceive('(?i)a(?<=b'), SyntaxError);
  });

  // where each bracket is searched to the end for its partner, this takes many minutes
  it('throws soon at a heap of brackets', { timeout: 60_000 }, () => {
    for (const heap of ['[', '[^', '[:a']) {
      assert.throws(() => compileReceive(heap.repeat(500_000)), {
        name: 'SyntaxError',
        message: 'unterminated character class',
      });
    }
  });

  it('throws at what only Perl understands', () => {
    for (const foreign of ['\\Q', '\\E', '\\G', '\\K', '\\R', '\\X', '\\pL']) {
      assert.throws(() => compileReceive(`a${foreign}b`), {
        name: 'SyntaxError',
        message: `"${foreign.slice(0, 2)}" of Perl is not understood`,
      });
    }
    assert.doesNotThrow(() => compileReceive('\\\\Query'));
  });

  it('finds every text in itself, letter by letter', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string(), (text, around) => {
        const quoted = text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
        const page = Buffer.from(around + text + around, 'utf8');
        assert.equal(matchesBytes(compileReceive(quoted), page), true);
      }),
    );
  });
});
