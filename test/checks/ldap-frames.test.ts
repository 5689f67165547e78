import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { messageInspector } from '../../src/checks/ldap-frames.ts';

const malformed = /not the answer of an LDAP server/;

/** An element with its length in the shortest form (X.690, 8.1.3). */
function element(tag: number, ...parts: readonly (Buffer | string)[]): Buffer {
  const content = Buffer.concat(parts.map((part) => Buffer.from(part)));
  const { length } = content;
  const head = length < 128 ? [length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...head]), content]);
}

const text = (value: Buffer | string = ''): Buffer => element(0x04, value);
const result = (...more: readonly Buffer[]) =>
  Buffer.concat([element(0x0a, Buffer.from([0])), text(), text('fine'), ...more]);
const control = (...more: readonly Buffer[]) =>
  element(0xa0, element(0x30, text('1.2.3'), ...more));
const message = (...parts: readonly Buffer[]): Buffer =>
  element(0x30, element(0x02, Buffer.from([7])), ...parts);

const good: Readonly<Record<string, Buffer>> = {
  'a bind': message(element(0x61, result())),
  'a bind with credentials': message(element(0x61, result(element(0x87, 'x')))),
  'a referral': message(element(0x65, result(element(0xa3, text('ldap://a/'), text('ldap://b/'))))),
  'a notice of disconnection': message(
    element(0x78, result(element(0x8a, '1.3.6.1.4.1.1466.20036'))),
  ),
  'an entry without attributes': message(element(0x64, text('dc=a'), element(0x30))),
  'an entry with attributes': message(
    element(
      0x64,
      text('dc=a'),
      element(
        0x30,
        element(0x30, text('ou'), element(0x31)),
        element(0x30, text('o'), element(0x31, text('x'), text('y'.repeat(300)))),
      ),
    ),
  ),
  'a reference': message(element(0x73, text('ldap://a/'))),
  'a control': message(element(0x65, result()), control()),
  'a critical control with a value': message(
    element(0x65, result()),
    control(element(0x01, Buffer.from([255])), text('v')),
  ),
};

const bad: Readonly<Record<string, Buffer>> = {
  'no sequence': element(0x31, element(0x02, Buffer.from([1])), element(0x61, result())),
  'no number': element(0x30, element(0x61, result())),
  'a number without bytes': element(0x30, element(0x02), element(0x61, result())),
  'no operation': message(),
  'another operation': message(element(0x69, result())),
  'a result without text': message(element(0x65, element(0x0a, Buffer.from([0])), text())),
  'a code of no byte': message(element(0x65, element(0x0a), text(), text())),
  'something unknown behind a result': message(element(0x65, result(element(0x88, 'x')))),
  'an entry without a list': message(element(0x64, text('dc=a'))),
  'an attribute without values': message(
    element(0x64, text(), element(0x30, element(0x30, text('ou')))),
  ),
  'a value that is no string': message(
    element(
      0x64,
      text(),
      element(0x30, element(0x30, text('ou'), element(0x31, element(0x02, 'x')))),
    ),
  ),
  'something behind the controls': message(element(0x65, result()), control(), control()),
  'a control without a type': message(element(0x65, result()), element(0xa0, element(0x30))),
  'controls that are none': message(element(0x65, result()), element(0xa1)),
  'an indefinite length': Buffer.from([0x30, 0x80, 0, 0]),
  'a length of too many bytes': Buffer.from([0x30, 0x85, 0, 0, 0, 0, 1]),
  'a message without end': Buffer.from([0x30, 0x84, 0xff, 0xff, 0xff, 0xff]),
  'a tag of more than one byte': message(element(0x65, result(element(0x1f, 'x')))),
};

describe('messageInspector', () => {
  for (const [name, bytes] of Object.entries(good)) {
    it(`lets ${name} through`, () => messageInspector()(bytes));
  }

  for (const [name, bytes] of Object.entries(bad)) {
    it(`throws at ${name}`, () => {
      assert.throws(() => messageInspector()(bytes), malformed);
    });
  }

  const pieces = (bytes: Buffer, size: number): readonly Buffer[] =>
    Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
      bytes.subarray(i * size, (i + 1) * size),
    );

  it('reads messages however they are cut', () => {
    const some = fc.array(fc.constantFrom(...Object.values(good)));
    fc.assert(
      fc.property(some, fc.integer({ min: 1, max: 40 }), (messages, size) => {
        const inspect = messageInspector();
        for (const piece of pieces(Buffer.concat(messages), size)) inspect(piece);
      }),
    );
  });

  it('finds a bad one behind good ones, however they are cut', () => {
    const some = fc.array(fc.constantFrom(...Object.values(good)));
    const one = fc.constantFrom(...Object.values(bad));
    fc.assert(
      fc.property(some, one, fc.integer({ min: 1, max: 40 }), (before, last, size) => {
        const inspect = messageInspector();
        assert.throws(() => {
          for (const piece of pieces(Buffer.concat([...before, last]), size)) inspect(piece);
        }, malformed);
      }),
    );
  });

  it('throws at nothing but what is malformed', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (noise) => {
        try {
          messageInspector()(Buffer.concat([Buffer.from([0x30, noise.length]), noise]));
        } catch (error) {
          assert.match(String(error), malformed);
        }
      }),
    );
  });
});
