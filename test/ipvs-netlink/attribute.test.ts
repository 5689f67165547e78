import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  AttributeError,
  readAttributes,
  required,
  writeAttributes,
} from '../../src/ipvs-netlink/attribute.ts';
import {
  be16,
  fixedBytes,
  maskedFlags,
  nested,
  text,
  u8,
  u16,
  u32,
  u64,
} from '../../src/ipvs-netlink/attribute-types.ts';
import { ByteWriter } from '../../src/ipvs-netlink/byte-writer.ts';

const INNER = {
  port: { number: 1, name: 'IN_PORT', type: be16 },
  count: { number: 2, name: 'IN_COUNT', type: u64 },
} as const;

const TABLE = {
  small: { number: 1, name: 'T_SMALL', type: u8 },
  short: { number: 2, name: 'T_SHORT', type: u16 },
  long: { number: 3, name: 'T_LONG', type: u32 },
  name: { number: 4, name: 'T_NAME', type: text(15) },
  flags: { number: 5, name: 'T_FLAGS', type: maskedFlags },
  address: { number: 6, name: 'T_ADDRESS', type: fixedBytes(4) },
  inner: { number: 7, name: 'T_INNER', type: nested(INNER) },
} as const;

function write(values: Parameters<typeof writeAttributes<typeof TABLE>>[2]): Buffer {
  const out = new ByteWriter(1);
  writeAttributes(out, TABLE, values);
  return out.finish();
}

const word = fc.string({ unit: fc.constantFrom('a', 'Z', '0', '-', '.'), maxLength: 15 });
const u32s = fc.integer({ min: 0, max: 0xffffffff });
const values = fc.record(
  {
    small: fc.integer({ min: 0, max: 255 }),
    short: fc.integer({ min: 0, max: 65535 }),
    long: u32s,
    name: word,
    flags: fc.record({ flags: u32s, mask: u32s }, { noNullPrototype: true }),
    address: fc.uint8Array({ minLength: 4, maxLength: 4 }).map((bytes) => Buffer.from(bytes)),
    inner: fc.record(
      {
        port: fc.integer({ min: 0, max: 65535 }),
        count: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
      },
      { requiredKeys: [], noNullPrototype: true },
    ),
  },
  { requiredKeys: [], noNullPrototype: true },
);

describe('attributes', () => {
  it('come back as they were written, with whole words of four bytes', () => {
    fc.assert(
      fc.property(values, (given) => {
        const bytes = write(given);
        assert.equal(bytes.length % 4, 0);
        assert.deepEqual(readAttributes(TABLE, bytes), given);
      }),
    );
  });

  it('lie on the wire as struct nlattr says', () => {
    // u16 length without padding, u16 type, payload, zeroes; NLA_F_NESTED is 0x8000
    assert.equal(write({ small: 9 }).toString('hex'), '0500010009000000');
    assert.equal(write({ name: 'wrr' }).toString('hex'), '0800040077727200');
    assert.equal(write({ inner: { port: 80 } }).toString('hex'), '0c0007800600010000500000');
  });

  it('are passed over when the table does not know them', () => {
    const unknown = Buffer.from('08006300ffffffff', 'hex');
    assert.deepEqual(readAttributes(TABLE, Buffer.concat([unknown, write({ small: 1 })])), {
      small: 1,
    });
  });

  it('are read with and without NLA_F_NESTED and NLA_F_NET_BYTEORDER', () => {
    assert.deepEqual(readAttributes(TABLE, Buffer.from('0c0007000600014000500000', 'hex')), {
      inner: { port: 80 },
    });
  });

  it('may end without padding', () => {
    assert.deepEqual(readAttributes(TABLE, Buffer.from('0500010009', 'hex')), { small: 9 });
  });

  it('name the place of a fault by its path', () => {
    const shortPort = Buffer.from('0c0007800500010000000000', 'hex');
    assert.throws(() => readAttributes(TABLE, shortPort), {
      name: 'AttributeError',
      message: 'T_INNER.IN_PORT: expected 2 bytes, got 1',
    });
    assert.throws(() => write({ inner: { port: 65536 } }), {
      message: /^T_INNER\.IN_PORT: .*out of range.*65536/,
    });
    assert.throws(() => write({ short: 1.5 }), {
      message: 'T_SHORT: expected a whole number, got 1.5',
    });
    assert.throws(() => write({ name: 'sixteen-letters!' }), {
      message: 'T_NAME: expected at most 15 bytes of text, got "sixteen-letters!"',
    });
    assert.throws(() => write({ name: 'a\0b' }), { message: 'T_NAME: expected text without NUL' });
    assert.throws(() => required(TABLE, {}, 'long'), {
      message: 'T_LONG: expected the attribute to be present',
    });
  });

  it('never read outside of what they are given', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (raw) => {
        try {
          readAttributes(TABLE, Buffer.from(raw));
        } catch (error) {
          assert.ok(error instanceof AttributeError, String(error));
        }
      }),
      { numRuns: 1000 },
    );
  });
});
