import assert from 'node:assert/strict';
import { attribute, text, u32 } from './fake-attributes.ts';
import type { Reply } from './fake-table.ts';

/** Netlink messages as the fake kernel reads and writes them, apart from the code under test. */
export const TYPE = { error: 2, done: 3, overrun: 4 } as const;
export const FLAG = {
  request: 1,
  multi: 2,
  ack: 4,
  interrupted: 0x10,
  dump: 0x300,
  capped: 0x100,
  attributes: 0x200,
} as const;
export const GENL_ID_CTRL = 16;

const PORT = 4711;

export interface Header {
  readonly type: number;
  readonly flags: number;
  readonly sequence: number;
}

interface Request {
  readonly header: Header;
  readonly body: Buffer;
  /** With its header, as an error echoes it. */
  readonly whole: Buffer;
}

/**
 * Cuts a send into requests and insists on what holds for all: sizes well below a socket buffer,
 * rising sequence numbers, and NLM_F_ACK or NLM_F_DUMP on the last one alone.
 */
export function readRequests(datagram: Buffer): readonly Request[] {
  assert.ok(datagram.length <= 64 * 1024, `a send of ${datagram.length} bytes`);
  const requests: Request[] = [];
  for (let offset = 0; offset < datagram.length; ) {
    const length = datagram.readUInt32LE(offset);
    assert.ok(length >= 16 && offset + length <= datagram.length, `message length ${length}`);
    const whole = datagram.subarray(offset, offset + length);
    const header = {
      type: whole.readUInt16LE(4),
      flags: whole.readUInt16LE(6),
      sequence: whole.readUInt32LE(8),
    };
    assert.equal(whole.readUInt32LE(12), 0, 'nlmsg_pid');
    const before = requests.at(-1)?.header.sequence;
    if (before !== undefined) assert.equal(header.sequence, (before + 1) >>> 0, 'nlmsg_seq');
    requests.push({ header, body: whole.subarray(16), whole });
    offset += (length + 3) & ~3;
  }
  assert.ok(requests.length >= 1 && requests.length <= 64, `${requests.length} requests in a send`);
  for (const [index, { header }] of requests.entries()) {
    const rest = header.flags & ~FLAG.request;
    assert.ok((header.flags & FLAG.request) !== 0, 'NLM_F_REQUEST');
    if (index < requests.length - 1) assert.equal(rest, 0, 'no flags but on the last request');
    else if (requests.length > 1) assert.equal(rest, FLAG.ack, 'NLM_F_ACK on the last request');
    else assert.ok(rest === FLAG.ack || rest === FLAG.dump, 'NLM_F_ACK or NLM_F_DUMP');
  }
  return requests;
}

/** A message, padded. */
export function message(type: number, flags: number, sequence: number, body: Buffer): Buffer {
  const whole = Buffer.alloc((16 + body.length + 3) & ~3);
  whole.writeUInt32LE(16 + body.length, 0);
  whole.writeUInt16LE(type, 4);
  whole.writeUInt16LE(flags, 6);
  whole.writeUInt32LE(sequence, 8);
  whole.writeUInt32LE(PORT, 12);
  whole.set(body, 16);
  return whole;
}

export function genericBody({ command, body }: Reply): Buffer {
  return Buffer.concat([Buffer.from([command, 1, 0, 0]), body]);
}

/** NLMSG_ERROR with 0; the request is echoed without its payload. */
export function ack(request: Header): Buffer {
  const echoed = message(request.type, request.flags, request.sequence, Buffer.alloc(0));
  return message(TYPE.error, FLAG.capped, request.sequence, Buffer.concat([u32(0), echoed]));
}

/** NLMSG_ERROR with -errno, the whole request, and the reason in words if there is one. */
export function failure(
  request: Header,
  whole: Buffer,
  errno: number,
  reason: string | undefined,
): Buffer {
  const padding = Buffer.alloc(((whole.length + 3) & ~3) - whole.length);
  const reasons = reason === undefined ? [] : [attribute(1, text(reason)), attribute(2, u32(20))];
  const body = Buffer.concat([u32(-errno), whole, padding, ...reasons]);
  const flags = reason === undefined ? 0 : FLAG.attributes;
  return message(TYPE.error, flags, request.sequence, body);
}

/** NLMSG_DONE with its errno. */
export function done(sequence: number, errno = 0): Buffer {
  return message(TYPE.done, FLAG.multi, sequence, u32(-errno));
}
