import assert from 'node:assert/strict';

/*
 * Attributes as the fake kernel reads and writes them. On purpose it shares nothing with the code
 * under test: a mistake made in both directions there would go unseen otherwise. Little-endian
 * hosts only.
 */

export type Kind =
  | { readonly bytes: number }
  | { readonly text: number }
  | { readonly nested: Policy };

export interface Rule {
  readonly name: string;
  readonly kind: Kind;
}

/** Which attributes a request may have in one place, by number. */
export type Policy = Readonly<Record<number, Rule>>;

/** Payloads by name; those of nested attributes under "outer.inner". */
export type Attributes = ReadonlyMap<string, Buffer>;

/**
 * Reads the attributes of a request and insists on every rule: known numbers only, none twice, the
 * exact length, NLA_F_NESTED on nested ones alone, text that ends with its only NUL, zeroes as
 * padding.
 */
export function parseStrictly(policy: Policy, bytes: Buffer, prefix = ''): Attributes {
  const found = new Map<string, Buffer>();
  let offset = 0;
  while (offset < bytes.length) {
    assert.ok(bytes.length - offset >= 4, `${prefix}: a whole attribute header`);
    const length = bytes.readUInt16LE(offset);
    const type = bytes.readUInt16LE(offset + 2);
    const end = offset + length;
    assert.ok(length >= 4 && end <= bytes.length, `${prefix}: attribute length ${length} fits`);
    const rule = policy[type & 0x3fff];
    assert.ok(rule !== undefined, `${prefix}: attribute ${type & 0x3fff} is known`);
    const name = `${prefix}${rule.name}`;
    assert.ok(!found.has(name), `${name}: comes once`);
    const payload = bytes.subarray(offset + 4, end);
    found.set(name, payload);
    checkKind(name, rule.kind, type & 0xc000, payload);
    if ('nested' in rule.kind) {
      for (const [inner, value] of parseStrictly(rule.kind.nested, payload, `${name}.`)) {
        found.set(inner, value);
      }
    }
    const next = (end + 3) & ~3;
    const padding = bytes.subarray(end, next);
    assert.equal(padding.length, next - end, `${name}: is padded`);
    assert.ok(
      padding.every((byte) => byte === 0),
      `${name}: is padded with zeroes`,
    );
    offset = next;
  }
  return found;
}

/** An attribute with its padding. */
export function attribute(type: number, payload: Buffer): Buffer {
  const whole = Buffer.alloc((4 + payload.length + 3) & ~3);
  whole.writeUInt16LE(4 + payload.length, 0);
  whole.writeUInt16LE(type, 2);
  whole.set(payload, 4);
  return whole;
}

/** A nested attribute; like the real kernel it does not set NLA_F_NESTED. */
export function nest(type: number, ...parts: readonly Buffer[]): Buffer {
  return attribute(type, Buffer.concat(parts));
}

export function u8(value: number): Buffer {
  return Buffer.from([value]);
}

export function u16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}

export function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value >>> 0);
  return bytes;
}

export function u64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(value);
  return bytes;
}

export function text(value: string): Buffer {
  return Buffer.from(`${value}\0`);
}

function checkKind(name: string, kind: Kind, flags: number, payload: Buffer): void {
  assert.equal(flags, 'nested' in kind ? 0x8000 : 0, `${name}: NLA_F_NESTED on nested ones alone`);
  if ('bytes' in kind) assert.equal(payload.length, kind.bytes, `${name}: length`);
  if ('text' in kind) {
    assert.equal(payload.indexOf(0), payload.length - 1, `${name}: ends with its only NUL`);
    assert.ok(payload.length - 1 <= kind.text, `${name}: at most ${kind.text} bytes`);
  }
}
