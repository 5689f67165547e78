import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ByteWriter } from '../../src/ipvs-netlink/byte-writer.ts';
import {
  MessageError,
  NLMSG_DONE,
  NLMSG_ERROR,
  parseMessages,
  readDoneMessage,
  readErrorMessage,
  writeMessage,
} from '../../src/ipvs-netlink/message.ts';
import { u32 } from '../support/netlink/fake-attributes.ts';
import { ack, done, failure, message } from '../support/netlink/fake-messages.ts';

const REQUEST = { type: 31, flags: 5, sequence: 7 };

describe('messages', () => {
  it('come out of a datagram in the order in which they went in', () => {
    const part = fc.record({
      type: fc.integer({ min: 0, max: 0xffff }),
      flags: fc.integer({ min: 0, max: 0xffff }),
      sequence: fc.integer({ min: 0, max: 0xffffffff }),
      body: fc.uint8Array({ maxLength: 40 }),
    });
    fc.assert(
      fc.property(fc.array(part, { maxLength: 6 }), (parts) => {
        const out = new ByteWriter(1);
        for (const { body, ...header } of parts) {
          writeMessage(out, header, () => out.bytes(body));
        }
        const read = parseMessages(out.finish()).map(({ type, flags, sequence, payload }) => ({
          type,
          flags,
          sequence,
          body: [...payload],
        }));
        assert.deepEqual(
          read,
          parts.map(({ type, flags, sequence, body }) => ({
            type,
            flags,
            sequence,
            body: [...body],
          })),
        );
      }),
    );
  });

  it('are written as an independent writer writes them', () => {
    const out = new ByteWriter();
    writeMessage(out, REQUEST, () => out.bytes(Buffer.from('abcde')));
    const expected = message(31, 5, 7, Buffer.from('abcde'));
    expected.writeUInt32LE(0, 12); // nlmsg_pid
    assert.deepEqual(out.finish(), expected);
  });

  it('are refused when a length points outside', () => {
    const whole = message(31, 0, 1, u32(1));
    const longer = Buffer.from(whole);
    longer.writeUInt32LE(21, 0);
    const shorter = Buffer.from(whole);
    shorter.writeUInt32LE(15, 0);
    for (const bytes of [longer, shorter, whole.subarray(0, 12)]) {
      assert.throws(() => parseMessages(bytes), MessageError);
    }
    assert.throws(() => parseMessages(longer), {
      message: 'datagram: expected a message of 16 to 20 bytes at offset 0, got 21',
    });
  });

  it('never make the parser read outside of the datagram', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (raw) => {
        try {
          parseMessages(Buffer.from(raw));
        } catch (error) {
          assert.ok(error instanceof MessageError, String(error));
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe('NLMSG_ERROR', () => {
  const whole = message(31, 5, 7, Buffer.from('abcde'));

  it('is an acknowledgement when it says 0', () => {
    assert.deepEqual(verdict(ack(REQUEST)), { errno: 0 });
  });

  it('says what the kernel refused', () => {
    assert.deepEqual(verdict(failure(REQUEST, whole, 17, undefined)), { errno: 17 });
  });

  it('says it in words and with the place, after the echo of the request', () => {
    const extended = failure(REQUEST, whole, 22, 'no such thing');
    assert.deepEqual(verdict(extended), { errno: 22, text: 'no such thing', offset: 20 });
  });

  it('says it in words after an echo that is cut to its header', () => {
    const capped = Buffer.from(failure(REQUEST, whole.subarray(0, 16), 22, 'no'));
    capped.writeUInt16LE(0x300, 6); // NLM_F_CAPPED | NLM_F_ACK_TLVS
    capped.writeUInt32LE(5000, 20); // nlmsg_len of the request, of which only the header is here
    assert.deepEqual(verdict(capped), { errno: 22, text: 'no', offset: 20 });
  });

  it('is refused when it is too short', () => {
    assert.throws(() => verdict(message(NLMSG_ERROR, 0, 1, u32(0))), {
      message: 'NLMSG_ERROR: expected 20 bytes, got 4',
    });
  });

  function verdict(bytes: Buffer) {
    const [first] = parseMessages(bytes);
    assert.ok(first !== undefined);
    return readErrorMessage(first);
  }
});

describe('NLMSG_DONE', () => {
  for (const [what, bytes, errno] of [
    ['nothing', message(NLMSG_DONE, 2, 1, Buffer.alloc(0)), 0],
    ['0', done(1), 0],
    ['-EMSGSIZE', done(1, 90), 90],
    ['a length, as old kernels say it', done(1, -340), 0],
  ] as const) {
    it(`ends a dump with ${errno} when it says ${what}`, () => {
      const [first] = parseMessages(bytes);
      assert.ok(first !== undefined);
      assert.deepEqual(readDoneMessage(first), { errno });
    });
  }
});
