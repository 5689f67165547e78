import { align } from './align.ts';
import { writeU16, writeU32, writeU64 } from './host-order.ts';

/**
 * A buffer that grows as it is written. Lengths that are known only at the end (of a message, of a
 * nested attribute) are reserved first and patched afterwards, so that nothing is copied twice.
 */
export class ByteWriter {
  #bytes: Buffer;
  #length = 0;

  constructor(initialCapacity = 4096) {
    this.#bytes = Buffer.allocUnsafe(initialCapacity);
  }

  get length(): number {
    return this.#length;
  }

  u8(value: number): void {
    const at = this.#reserve(1);
    this.#bytes.writeUInt8(value, at);
  }

  u16(value: number): void {
    const at = this.#reserve(2);
    writeU16(this.#bytes, value, at);
  }

  u32(value: number): void {
    const at = this.#reserve(4);
    writeU32(this.#bytes, value, at);
  }

  u64(value: bigint): void {
    const at = this.#reserve(8);
    writeU64(this.#bytes, value, at);
  }

  /** Network byte order, as __be16. */
  be16(value: number): void {
    const at = this.#reserve(2);
    this.#bytes.writeUInt16BE(value, at);
  }

  bytes(value: Uint8Array): void {
    const at = this.#reserve(value.length);
    this.#bytes.set(value, at);
  }

  /** Zeroes up to the next multiple of four. */
  pad(): void {
    const padding = align(this.#length) - this.#length;
    const at = this.#reserve(padding);
    this.#bytes.fill(0, at, at + padding);
  }

  patchU16(offset: number, value: number): void {
    writeU16(this.#bytes, value, offset);
  }

  patchU32(offset: number, value: number): void {
    writeU32(this.#bytes, value, offset);
  }

  /** What was written. Shares its memory with the writer, which is not to be used after this. */
  finish(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Makes room, for which `#bytes` may become another buffer: call it before that is looked at. */
  #reserve(size: number): number {
    const at = this.#length;
    const end = at + size;
    if (end > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(end, this.#bytes.length * 2));
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    this.#length = end;
    return at;
  }
}
