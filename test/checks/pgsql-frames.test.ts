import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { frameInspector } from '../../src/checks/pgsql-frames.ts';

const malformed = /not the answer of a PostgreSQL server/;

describe('frameInspector', () => {
  const text = fc.string({ unit: 'binary-ascii' }).map((word) => word.replaceAll('\0', '.'));
  const field = fc.tuple(fc.constantFrom('S', 'C', 'M', 'D'), text);
  const goodReport = fc
    .tuple(fc.constantFrom('E', 'N'), fc.array(field))
    .map(([type, fields]) => message(type, `${fields.map(([k, v]) => `${k}${v}\0`).join('')}\0`));
  const other = fc
    .tuple(fc.constantFrom('R', 'S', 'K', 'Z', 'T', 'D', 'C'), fc.string({ unit: 'binary-ascii' }))
    .map(([type, body]) => message(type, body));
  /** Cut at places that have nothing to do with where messages begin. */
  const chunks = (bytes: Buffer, sizes: readonly number[]): readonly Buffer[] => {
    const cut: Buffer[] = [];
    let rest = bytes;
    for (let i = 0; rest.length > 0; i++) {
      const size = sizes[i % sizes.length] ?? 1;
      cut.push(rest.subarray(0, size));
      rest = rest.subarray(size);
    }
    return cut;
  };
  const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 });

  it('lets good messages through, however they are cut', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(goodReport, other)), sizes, (messages, lengths) => {
        const inspect = frameInspector();
        for (const chunk of chunks(Buffer.concat(messages), lengths)) inspect(chunk);
      }),
    );
  });

  it('throws at a report without an end, however it is cut, and behind whatever', () => {
    const endless = fc
      .tuple(fc.constantFrom('E', 'N'), fc.array(field), text)
      .map(([type, fields, last]) =>
        message(type, `${fields.map(([k, v]) => `${k}${v}\0`).join('')}M${last}`),
      );
    fc.assert(
      fc.property(fc.array(other), endless, sizes, (before, bad, lengths) => {
        const inspect = frameInspector();
        assert.throws(() => {
          for (const chunk of chunks(Buffer.concat([...before, bad]), lengths)) inspect(chunk);
        }, malformed);
      }),
    );
  });

  it('throws at a length that cannot be, or is too much for a report', () => {
    for (const header of ['E\0\0\0\x04', 'E\0\0\0\x03', 'Z\0\0\0\0', 'N\x7f\0\0\0']) {
      assert.throws(() => frameInspector()(Buffer.from(header, 'latin1')), malformed);
    }
  });
});

function message(type: string, body: string): Buffer {
  const bytes = Buffer.from(body, 'latin1');
  const length = Buffer.alloc(4);
  length.writeUInt32BE(4 + bytes.length);
  return Buffer.concat([Buffer.from(type), length, bytes]);
}
