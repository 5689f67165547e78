import { align } from './align.ts';
import type { ByteWriter } from './byte-writer.ts';
import { readU16 } from './host-order.ts';

/** struct nlattr: u16 nla_len (header included, padding not), u16 nla_type. */
const HEADER_LENGTH = 4;
const MAX_LENGTH = 0xffff;
/** NLA_TYPE_MASK: what is left of nla_type without NLA_F_NESTED and NLA_F_NET_BYTEORDER. */
const TYPE_MASK = 0x3fff;

/** NLA_F_NESTED of include/uapi/linux/netlink.h. */
export const NLA_F_NESTED = 0x8000;

/** How the payload of one attribute is written and read. */
export interface AttributeType<T> {
  /** Bits to set in nla_type: NLA_F_NESTED or none. */
  readonly flags: number;
  write(out: ByteWriter, value: T): void;
  /** @throws AttributeError when the payload is not of this type. */
  read(payload: Buffer): T;
}

/** One row of an attribute table: its number, its name in the kernel header, its type. */
export interface AttributeDefinition<T> {
  readonly number: number;
  readonly name: string;
  readonly type: AttributeType<T>;
}

/** The attributes that may stand side by side in one place of a message. */
export type AttributeTable = Readonly<Record<string, AttributeDefinition<unknown>>>;

/** The values that a table describes; an attribute that is not there is undefined. */
export type AttributeValues<T extends AttributeTable> = {
  readonly [K in keyof T]?:
    | (T[K] extends AttributeDefinition<infer Value> ? Value : never)
    | undefined;
};

/** Bytes that are not what the table says. The message begins with the path of attribute names. */
export class AttributeError extends Error {
  override readonly name = 'AttributeError';
  readonly problem: string;
  readonly path: readonly string[];

  constructor(problem: string, path: readonly string[] = []) {
    super(path.length === 0 ? problem : `${path.join('.')}: ${problem}`);
    this.problem = problem;
    this.path = path;
  }
}

/** Appends the values that are not undefined, in the order in which they stand in `values`. */
export function writeAttributes<T extends AttributeTable>(
  out: ByteWriter,
  table: T,
  values: AttributeValues<T>,
): void {
  for (const key in values) {
    const value = values[key];
    const definition = table[key];
    if (value !== undefined && definition !== undefined) writeAttribute(out, definition, value);
  }
}

/**
 * Reads attributes up to the end of `bytes`. Attributes that the table does not know (those of a
 * newer kernel) are passed over; of one that comes twice the last holds, as with nla_parse().
 *
 * @throws AttributeError naming the first attribute that is malformed.
 */
export function readAttributes<T extends AttributeTable>(
  table: T,
  bytes: Buffer,
): AttributeValues<T> {
  const rows = rowsByNumber(table);
  const values: Record<string, unknown> = {};
  for (const { number, payload } of splitAttributes(bytes)) {
    const row = rows.get(number);
    if (row !== undefined) values[row.key] = readPayload(row.definition, payload);
  }
  // The keys come from the table and the values from its types: the one place where the compiler
  // has to be told so, because it cannot follow a mapped type through a loop.
  return values as AttributeValues<T>;
}

/** @throws AttributeError when the attribute did not come. */
export function required<T extends AttributeTable, K extends keyof T & string>(
  table: T,
  values: AttributeValues<T>,
  key: K,
): NonNullable<AttributeValues<T>[K]> {
  const value = values[key];
  if (value === undefined || value === null) {
    throw new AttributeError('expected the attribute to be present', [table[key]?.name ?? key]);
  }
  return value;
}

/**
 * Cuts a row of attributes into number and payload, without a table.
 *
 * @throws AttributeError when a length points outside of `bytes`.
 */
export function* splitAttributes(bytes: Buffer): Generator<{ number: number; payload: Buffer }> {
  let offset = 0;
  while (offset < bytes.length) {
    const left = bytes.length - offset;
    if (left < HEADER_LENGTH) {
      throw new AttributeError(`expected ${HEADER_LENGTH} bytes of attribute header, got ${left}`);
    }
    const length = readU16(bytes, offset);
    if (length < HEADER_LENGTH || length > left) {
      throw new AttributeError(
        `expected an attribute length of ${HEADER_LENGTH} to ${left}, got ${length}`,
      );
    }
    yield {
      number: readU16(bytes, offset + 2) & TYPE_MASK,
      payload: bytes.subarray(offset + HEADER_LENGTH, offset + length),
    };
    offset += align(length);
  }
}

function writeAttribute(
  out: ByteWriter,
  { number, name, type }: AttributeDefinition<unknown>,
  value: unknown,
): void {
  const start = out.length;
  out.u16(0);
  out.u16(number | type.flags);
  try {
    type.write(out, value);
  } catch (error) {
    throw underName(name, error);
  }
  const length = out.length - start;
  if (length > MAX_LENGTH) {
    throw new AttributeError(`expected at most ${MAX_LENGTH} bytes, got ${length}`, [name]);
  }
  out.patchU16(start, length);
  out.pad();
}

function readPayload({ name, type }: AttributeDefinition<unknown>, payload: Buffer): unknown {
  try {
    return type.read(payload);
  } catch (error) {
    throw underName(name, error);
  }
}

/** Puts one more name in front of the path; numbers out of range come from Buffer as RangeError. */
function underName(name: string, error: unknown): unknown {
  if (error instanceof AttributeError) {
    return new AttributeError(error.problem, [name, ...error.path]);
  }
  if (error instanceof RangeError) return new AttributeError(error.message, [name]);
  return error;
}

type Row = { readonly key: string; readonly definition: AttributeDefinition<unknown> };
const knownRows = new WeakMap<AttributeTable, ReadonlyMap<number, Row>>();

function rowsByNumber(table: AttributeTable): ReadonlyMap<number, Row> {
  const known = knownRows.get(table);
  if (known !== undefined) return known;
  const rows = new Map(
    Object.entries(table).map(([key, definition]) => [definition.number, { key, definition }]),
  );
  knownRows.set(table, rows);
  return rows;
}
