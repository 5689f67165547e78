import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { decode, encode } from '../../../src/config/ldirectord/encoding.ts';
import { lex } from '../../../src/config/ldirectord/lexer.ts';
import { parse } from '../../../src/config/ldirectord/parser.ts';
import { collectingReport } from '../../../src/config/ldirectord/report.ts';
import { type Line, lineText, print } from '../../../src/config/ldirectord/syntax.ts';
import { configText } from '../../support/arbitrary-config.ts';

const plain = () => ({ quotes: false, escapes: false, blankBeforeHash: false });
const quoted = () => ({ quotes: true, escapes: false, blankBeforeHash: false });
const global = () => ({ quotes: false, escapes: false, blankBeforeHash: true });

function only(text: string, form = plain): Line {
  const { lines } = lex(text, form);
  assert.equal(lines.length, 1);
  assert.ok(lines[0] !== undefined);
  return lines[0];
}

function pieces(text: string, form = plain): readonly string[] {
  const line = only(text, form);
  assert.equal(line.kind, 'directive');
  return line.kind === 'directive'
    ? [line.indent, line.name, line.assign, line.value, line.trailing, line.ending]
    : [];
}

describe('a line', () => {
  it('of a directive is cut into its pieces', () => {
    assert.deepEqual(pieces('\treal = 10.9.0.2:80 gate\t# one\r\n'), [
      '\t',
      'real',
      ' = ',
      '10.9.0.2:80 gate',
      '\t# one',
      '\r\n',
    ]);
    assert.deepEqual(pieces('fork=no'), ['', 'fork', '=', 'no', '', '']);
    assert.deepEqual(pieces('supervised # x\n'), ['', 'supervised', '', '', ' # x', '\n']);
    assert.deepEqual(pieces('comment=\n'), ['', 'comment', '=', '', '', '\n']);
  });

  it('keeps a "#" between quotes where the value may be quoted', () => {
    assert.equal(pieces('request="a#b" # c', quoted)[3], '"a#b"');
    assert.equal(pieces('request="a#b" # c', plain)[3], '"a');
    assert.equal(pieces('request="a # b', quoted)[3], '"a');
    assert.equal(pieces('request=“a#b” # c', quoted)[3], '“a#b”');
    assert.equal(pieces('real=a "/x#y", "z#" # c', quoted)[3], 'a "/x#y", "z#"');
  });

  it('needs a blank before the comment in column 0', () => {
    assert.equal(pieces('execute=a#b # c', global)[3], 'a#b');
    assert.equal(pieces('execute=a#b # c', plain)[3], 'a');
    assert.equal(pieces('execute=#b', global)[3], '');
  });

  it('of another kind stays whole', () => {
    const kind = (text: string): string => only(text).kind;
    assert.equal(kind('\n'), 'blank');
    assert.equal(kind(' \t \r\n'), 'blank');
    assert.equal(kind('  # real=x\n'), 'comment');
    assert.equal(kind('real 10.9.0.2'), 'other');
    assert.equal(kind('“real”=x'), 'other');
    assert.equal(kind('=x'), 'other');
    assert.equal(kind('\0'), 'other');
  });
});

describe('lines', () => {
  it('are counted from 1 and end with LF or CR LF', () => {
    const { lines } = lex('a=1\r\n\rb=2\n\nc=3', plain);
    assert.deepEqual(
      lines.map(({ number, ending }) => [number, ending]),
      [
        [1, '\r\n'],
        [2, '\n'],
        [3, '\n'],
        [4, ''],
      ],
    );
    assert.equal(lex('', plain).lines.length, 0);
  });

  it('have no byte order mark', () => {
    const { bom, lines } = lex('\ufeffa=1', plain);
    assert.equal(bom, '\ufeff');
    assert.equal(lines.map(lineText).join(), 'a=1');
  });
});

describe('print', () => {
  const readBack = (text: string): string => print(parse(text, collectingReport('a.cf', false)));

  it('gives every text back', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        assert.equal(readBack(text), text);
      }),
    );
  });

  it('gives every text of directives and oddities back', () => {
    fc.assert(
      fc.property(configText(), (text) => {
        assert.equal(readBack(text), text);
      }),
    );
  });

  it('gives every byte back', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      configText().map((text) => new Uint8Array(Buffer.from(text, 'latin1'))),
      configText().map((text) => new Uint8Array(Buffer.from(text, 'utf8'))),
    );
    fc.assert(
      fc.property(bytes, (before) => {
        const { text, encoding } = decode(before);
        assert.deepEqual(new Uint8Array(encode(readBack(text), encoding)), before);
      }),
    );
  });
});
