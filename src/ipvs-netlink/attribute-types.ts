import {
  AttributeError,
  type AttributeTable,
  type AttributeType,
  type AttributeValues,
  NLA_F_NESTED,
  readAttributes,
  writeAttributes,
} from './attribute.ts';
import { readU16, readU32, readU64 } from './host-order.ts';

/** NLA_U8 */
export const u8: AttributeType<number> = {
  flags: 0,
  write: (out, value) => out.u8(whole(value)),
  read: (payload) => sized(payload, 1).readUInt8(0),
};

/** NLA_U16, host order. */
export const u16: AttributeType<number> = {
  flags: 0,
  write: (out, value) => out.u16(whole(value)),
  read: (payload) => readU16(sized(payload, 2), 0),
};

/** NLA_U32, host order. */
export const u32: AttributeType<number> = {
  flags: 0,
  write: (out, value) => out.u32(whole(value)),
  read: (payload) => readU32(sized(payload, 4), 0),
};

/** NLA_U64, host order. */
export const u64: AttributeType<bigint> = {
  flags: 0,
  write: (out, value) => out.u64(value),
  read: (payload) => readU64(sized(payload, 8), 0),
};

/** NLA_U32 of the old counters, widened so that both kinds of counters have one type. */
export const u32AsBigint: AttributeType<bigint> = {
  flags: 0,
  write: (out, value) => out.u32(Number(value)),
  read: (payload) => BigInt(readU32(sized(payload, 4), 0)),
};

/** __be16: ports. */
export const be16: AttributeType<number> = {
  flags: 0,
  write: (out, value) => out.be16(whole(value)),
  read: (payload) => sized(payload, 2).readUInt16BE(0),
};

/** struct ip_vs_flags: only the bits set in `mask` are meant. */
export interface MaskedFlags {
  readonly flags: number;
  readonly mask: number;
}

/** struct ip_vs_flags { u32 flags; u32 mask; } of include/uapi/linux/ip_vs.h. */
export const maskedFlags: AttributeType<MaskedFlags> = {
  flags: 0,
  write: (out, value) => {
    out.u32(value.flags);
    out.u32(value.mask);
  },
  read: (payload) => {
    const bytes = sized(payload, 8);
    return { flags: readU32(bytes, 0), mask: readU32(bytes, 4) };
  },
};

/** Exactly `length` bytes of no byte order: addresses. */
export function fixedBytes(length: number): AttributeType<Buffer> {
  return {
    flags: 0,
    write: (out, value) => out.bytes(sized(value, length)),
    read: (payload) => sized(payload, length),
  };
}

/** NLA_NUL_STRING of at most `maxBytes` bytes, the NUL not counted. */
export function text(maxBytes: number): AttributeType<string> {
  return {
    flags: 0,
    write: (out, value) => {
      const bytes = Buffer.from(value);
      if (bytes.length > maxBytes) {
        throw new AttributeError(`expected at most ${maxBytes} bytes of text, got "${value}"`);
      }
      if (bytes.includes(0)) throw new AttributeError('expected text without NUL');
      out.bytes(bytes);
      out.u8(0);
    },
    read: (payload) => {
      const end = payload.indexOf(0);
      return payload.toString('utf8', 0, end === -1 ? payload.length : end);
    },
  };
}

/** NLA_NESTED: more attributes inside. The kernel itself leaves NLA_F_NESTED out in answers. */
export function nested<T extends AttributeTable>(table: T): AttributeType<AttributeValues<T>> {
  return {
    flags: NLA_F_NESTED,
    write: (out, values) => writeAttributes(out, table, values),
    read: (payload) => readAttributes(table, payload),
  };
}

/** Buffer itself rejects what is out of range, but rounds fractions and takes NaN for 0. */
function whole(value: number): number {
  if (!Number.isInteger(value)) throw new AttributeError(`expected a whole number, got ${value}`);
  return value;
}

function sized(payload: Buffer, length: number): Buffer {
  if (payload.length !== length) {
    throw new AttributeError(`expected ${length} bytes, got ${payload.length}`);
  }
  return payload;
}
