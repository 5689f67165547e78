import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { createAnswerReader, readLimit } from '../../../src/checks/http-get/answer-reader.ts';
import { findContentLength } from '../../../src/checks/http-get/content-length.ts';

/** Feeds an answer in reads of the given sizes, as far as there is room. */
function read(answer: Buffer, sizes: readonly number[], exact = true) {
  const body: Buffer[] = [];
  const reader = createAnswerReader({ body: (bytes) => void body.push(Buffer.from(bytes)) }, exact);
  let at = 0;
  for (let i = 0; at < answer.length; i++) {
    const size = Math.min(reader.room(), sizes[i % sizes.length] ?? 1);
    reader.push(answer.subarray(at, at + size));
    at += size;
  }
  return { reader, body: Buffer.concat(body) };
}

const anySizes = fc.array(fc.integer({ min: 1, max: 70_000 }), { minLength: 1, maxLength: 8 });

describe('createAnswerReader', () => {
  it('finds the same body in whatever pieces it comes', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 6000 }),
        fc.option(fc.integer({ min: 0, max: 7000 })),
        anySizes,
        fc.boolean(),
        (bytes, length, sizes, exact) => {
          const field = length === null ? '' : `Content-Length: ${length}\r\n`;
          const header = `HTTP/1.0 200 OK\r\nX-NoName: \0\r\n\r\n`.replace('X', `${field}X`);
          const answer = Buffer.concat([Buffer.from(header, 'latin1'), bytes]);
          const { reader, body } = read(answer, sizes, exact);
          assert.deepEqual(body, Buffer.from(bytes.subarray(0, length ?? bytes.length)));
          assert.equal(reader.bodyLength, body.length);
          assert.equal(reader.head?.status, 200);
          assert.equal(reader.state === 'complete', length !== null && bytes.length >= length);
        },
      ),
    );
  });

  it('never has room for more than a header may have, and then gives up', () => {
    const { reader } = read(Buffer.alloc(readLimit, 'x'), [1000]);
    assert.equal(reader.state, 'header-too-long');
    assert.equal(reader.head, undefined);
  });

  for (const [line, status] of [
    ['HTTP/1.1 200 OK', 200],
    ['HTTP/1.1 404 ', 404],
    ['HTTP/1.1 200', 0],
    ['HTTP/1.1 20 OK', 0],
    ['HTTP/1.1 2000 OK', 0],
    ['HTTP/1.1  200 OK', 0],
    ['HTTP/1.1\t200 OK', 0],
    ['200 200 OK', 200],
  ] as const) {
    it(`reads status ${status} from "${line}"`, () => {
      const { reader } = read(Buffer.from(`${line}\r\n\r\n`), [4095]);
      assert.deepEqual(reader.head, { status, statusLine: line, contentLength: undefined });
    });
  }
});

describe('findContentLength', () => {
  for (const [value, length] of [
    [' 12\r\n', 12],
    ['\t012\n', 12],
    ['12', 12],
    ['\r\n', 0],
    ['12 \r\n', undefined],
    ['12\t\r\n', undefined],
    ['0x12\r\n', undefined],
    ['--12\r\n', undefined],
    ['9007199254740991\r\n', 9_007_199_254_740_991],
    ['9007199254740992\r\n', undefined],
    ['-18446744073709551611\r\n', 5],
  ] as const) {
    it(`takes ${JSON.stringify(value)} for ${length}`, () => {
      assert.equal(findContentLength(Buffer.from(`A: b\r\nContent-Length:${value}`)), length);
    });
  }
});
