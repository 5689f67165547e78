import { endianness } from 'node:os';

/**
 * Integers in the byte order of this machine. Netlink headers and most attributes are in host order
 * (include/uapi/linux/netlink.h); only what is marked __be16 or __be32 travels in network order.
 */
const LITTLE = endianness() === 'LE';

export function readU16(bytes: Buffer, offset: number): number {
  return LITTLE ? bytes.readUInt16LE(offset) : bytes.readUInt16BE(offset);
}

export function readU32(bytes: Buffer, offset: number): number {
  return LITTLE ? bytes.readUInt32LE(offset) : bytes.readUInt32BE(offset);
}

export function readS32(bytes: Buffer, offset: number): number {
  return LITTLE ? bytes.readInt32LE(offset) : bytes.readInt32BE(offset);
}

export function readU64(bytes: Buffer, offset: number): bigint {
  return LITTLE ? bytes.readBigUInt64LE(offset) : bytes.readBigUInt64BE(offset);
}

export function writeU16(bytes: Buffer, value: number, offset: number): void {
  if (LITTLE) bytes.writeUInt16LE(value, offset);
  else bytes.writeUInt16BE(value, offset);
}

export function writeU32(bytes: Buffer, value: number, offset: number): void {
  if (LITTLE) bytes.writeUInt32LE(value, offset);
  else bytes.writeUInt32BE(value, offset);
}

export function writeU64(bytes: Buffer, value: bigint, offset: number): void {
  if (LITTLE) bytes.writeBigUInt64LE(value, offset);
  else bytes.writeBigUInt64BE(value, offset);
}
