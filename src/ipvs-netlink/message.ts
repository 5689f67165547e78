import { align } from './align.ts';
import { readAttributes } from './attribute.ts';
import { text, u32 } from './attribute-types.ts';
import type { ByteWriter } from './byte-writer.ts';
import { readS32, readU16, readU32 } from './host-order.ts';

/** struct nlmsghdr: u32 len, u16 type, u16 flags, u32 seq, u32 pid. */
const HEADER_LENGTH = 16;

/** NLMSG_* control messages and NLM_F_* flags of include/uapi/linux/netlink.h. */
export const NLMSG_NOOP = 1;
export const NLMSG_ERROR = 2;
export const NLMSG_DONE = 3;
export const NLMSG_OVERRUN = 4;
export const NLM_F_REQUEST = 0x01;
export const NLM_F_ACK = 0x04;
export const NLM_F_DUMP_INTR = 0x10;
/** NLM_F_ROOT | NLM_F_MATCH */
export const NLM_F_DUMP = 0x300;
/** On NLMSG_ERROR: the echoed request is its header alone. */
const NLM_F_CAPPED = 0x100;
/** On NLMSG_ERROR and NLMSG_DONE: NLMSGERR_ATTR_* follow. */
const NLM_F_ACK_TLVS = 0x200;

/** enum nlmsgerr_attrs: the extended acknowledgement. */
const ERROR_ATTRIBUTES = {
  text: { number: 1, name: 'NLMSGERR_ATTR_MSG', type: text(0xffff) },
  offset: { number: 2, name: 'NLMSGERR_ATTR_OFFS', type: u32 },
} as const;

export interface NetlinkMessage {
  readonly type: number;
  readonly flags: number;
  readonly sequence: number;
  /** nlmsg_pid: the port of the socket that asked. */
  readonly port: number;
  readonly payload: Buffer;
}

/** What the kernel says about a request: NLMSG_ERROR, or the end of a dump. */
export interface KernelVerdict {
  /** Positive errno; 0 is success. */
  readonly errno: number;
  /** The kernel's own sentence (NLMSGERR_ATTR_MSG). */
  readonly text?: string;
  /** Where in the request it found the fault, in bytes from its start (NLMSGERR_ATTR_OFFS). */
  readonly offset?: number;
}

/** A datagram that is not a row of whole netlink messages. */
export class MessageError extends Error {
  override readonly name = 'MessageError';
}

/** Appends one message; `writeBody` writes what comes after the header. */
export function writeMessage(
  out: ByteWriter,
  header: { readonly type: number; readonly flags: number; readonly sequence: number },
  writeBody: (out: ByteWriter) => void,
): void {
  const start = out.length;
  out.u32(0);
  out.u16(header.type);
  out.u16(header.flags);
  out.u32(header.sequence);
  out.u32(0); // nlmsg_pid: the kernel fills in the port of the sending socket
  writeBody(out);
  out.patchU32(start, out.length - start);
  out.pad();
}

/**
 * All messages of one datagram, in order. Payloads share the datagram's memory.
 *
 * @throws MessageError when a length points outside of the datagram.
 */
export function parseMessages(datagram: Buffer): readonly NetlinkMessage[] {
  const messages: NetlinkMessage[] = [];
  let offset = 0;
  while (offset < datagram.length) {
    const left = datagram.length - offset;
    const length = left < HEADER_LENGTH ? 0 : readU32(datagram, offset);
    if (length < HEADER_LENGTH || length > left) {
      throw new MessageError(
        `datagram: expected a message of ${HEADER_LENGTH} to ${left} bytes at offset ${offset}, got ${length}`,
      );
    }
    messages.push({
      type: readU16(datagram, offset + 4),
      flags: readU16(datagram, offset + 6),
      sequence: readU32(datagram, offset + 8),
      port: readU32(datagram, offset + 12),
      payload: datagram.subarray(offset + HEADER_LENGTH, offset + length),
    });
    offset += align(length);
  }
  return messages;
}

/**
 * Reads NLMSG_ERROR: s32 error (0 or -errno), the header of the request, its payload unless
 * NLM_F_CAPPED, then attributes if NLM_F_ACK_TLVS.
 *
 * @throws MessageError when it is too short; AttributeError when its attributes are malformed.
 */
export function readErrorMessage(message: NetlinkMessage): KernelVerdict {
  const { payload, flags } = message;
  if (payload.length < 4 + HEADER_LENGTH) {
    throw new MessageError(
      `NLMSG_ERROR: expected ${4 + HEADER_LENGTH} bytes, got ${payload.length}`,
    );
  }
  const echoed = (flags & NLM_F_CAPPED) === 0 ? align(readU32(payload, 4)) : HEADER_LENGTH;
  return { errno: 0 - readS32(payload, 0), ...readExtended(message, 4 + echoed) };
}

/**
 * Reads NLMSG_DONE: since Linux 4.14 it carries an s32, 0 or the -errno that ended the dump.
 *
 * @throws AttributeError when its attributes are malformed.
 */
export function readDoneMessage(message: NetlinkMessage): KernelVerdict {
  if (message.payload.length < 4) return { errno: 0 };
  // A positive value is the length of the last part, which dumps used to return: no error.
  const errno = Math.max(0, 0 - readS32(message.payload, 0));
  return { errno, ...readExtended(message, 4) };
}

function readExtended(
  { payload, flags }: NetlinkMessage,
  offset: number,
): { text?: string; offset?: number } {
  if ((flags & NLM_F_ACK_TLVS) === 0 || payload.length <= offset) return {};
  const found = readAttributes(ERROR_ATTRIBUTES, payload.subarray(offset));
  return {
    ...(found.text === undefined ? {} : { text: found.text }),
    ...(found.offset === undefined ? {} : { offset: found.offset }),
  };
}
