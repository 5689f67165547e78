import { type AttributeTable, readAttributes, required, writeAttributes } from './attribute.ts';
import { text, u16 } from './attribute-types.ts';
import type { ByteWriter } from './byte-writer.ts';
import { MessageError, type NetlinkMessage } from './message.ts';

/** struct genlmsghdr: u8 cmd, u8 version, u16 reserved (include/uapi/linux/genetlink.h). */
const HEADER_LENGTH = 4;

/** GENL_ID_CTRL: the one family whose number is fixed; it knows the numbers of the others. */
export const GENL_ID_CTRL = 0x10;
const CTRL_CMD_GETFAMILY = 3;
const CTRL_VERSION = 2;

/** CTRL_ATTR_* as far as they are needed; GENL_NAMSIZ is 16 with the NUL. */
const FAMILY_ATTRIBUTES = {
  id: { number: 1, name: 'CTRL_ATTR_FAMILY_ID', type: u16 },
  name: { number: 2, name: 'CTRL_ATTR_FAMILY_NAME', type: text(15) },
} as const satisfies AttributeTable;

export interface GenericHeader {
  readonly command: number;
  readonly version: number;
}

export function writeGenericHeader(out: ByteWriter, { command, version }: GenericHeader): void {
  out.u8(command);
  out.u8(version);
  out.u16(0);
}

/** @throws MessageError when the payload is shorter than the header. */
export function readGenericHeader({ payload }: NetlinkMessage): GenericHeader & { body: Buffer } {
  if (payload.length < HEADER_LENGTH) {
    throw new MessageError(
      `genlmsghdr: expected ${HEADER_LENGTH} bytes of header, got ${payload.length}`,
    );
  }
  return {
    command: payload.readUInt8(0),
    version: payload.readUInt8(1),
    body: payload.subarray(HEADER_LENGTH),
  };
}

/** Body of a message to GENL_ID_CTRL that asks for the number of a family. */
export function writeFamilyRequest(out: ByteWriter, name: string): void {
  writeGenericHeader(out, { command: CTRL_CMD_GETFAMILY, version: CTRL_VERSION });
  writeAttributes(out, FAMILY_ATTRIBUTES, { name });
}

/**
 * @returns the message type under which the family is addressed.
 * @throws MessageError, AttributeError when the answer does not say it.
 */
export function readFamilyAnswer(message: NetlinkMessage): number {
  const values = readAttributes(FAMILY_ATTRIBUTES, readGenericHeader(message).body);
  return required(FAMILY_ATTRIBUTES, values, 'id');
}
