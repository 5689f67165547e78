import assert from 'node:assert/strict';
import { constants } from 'node:os';
import type { NetlinkSocket, OpenSocket, SocketEvents } from '../../../src/ipvs-netlink/index.ts';
import { type Attributes, attribute, parseStrictly, text, u16 } from './fake-attributes.ts';
import {
  ack,
  done,
  FLAG,
  failure,
  GENL_ID_CTRL,
  genericBody,
  type Header,
  message,
  readRequests,
  TYPE,
} from './fake-messages.ts';
import { COMMAND_POLICY, CONTROL_POLICY, checkContents } from './fake-policy.ts';
import { Errno, FakeTable } from './fake-table.ts';

/** What goes wrong with the answers to one send. */
export type Fault =
  /** The kernel does it, but nothing comes back. */
  | { readonly kind: 'silence' }
  /** The datagrams from..until (not included) are dropped, which the socket reports as ENOBUFS. */
  | { readonly kind: 'lose'; readonly from: number; readonly until?: number }
  /** A datagram arrives cut, which the socket reports. */
  | { readonly kind: 'truncate'; readonly at: number }
  /** A datagram is replaced by these bytes. */
  | { readonly kind: 'replace'; readonly at: number; readonly by: Buffer }
  /** The messages of a dump say NLM_F_DUMP_INTR. */
  | { readonly kind: 'interrupt' }
  /** The socket dies. */
  | { readonly kind: 'die'; readonly code: string }
  /** The kernel does not take the datagram. */
  | { readonly kind: 'refuse'; readonly code: string };

export interface Sent {
  readonly messages: number;
  readonly bytes: number;
}

const IPVS_FAMILY = 0x1f;
const COMMANDS_WITH_ANSWER = [4, 8, 11, 13, 15];

/**
 * A kernel at the byte boundary: reads each request strictly, failing the test that sent a wrong
 * one, keeps a table by the rules of the real one, and answers in as many datagrams. Held against
 * recordings of the real kernel in test/ipvs-netlink/scenario.test.ts.
 */
export class FakeKernel {
  readonly table = new FakeTable();
  hasIpvs = true;
  permitted = true;
  /** Entries that fit into one datagram of a dump. */
  entriesPerDatagram = 3;
  /** Says why in words (NETLINK_EXT_ACK). */
  explains = false;
  /** One for each of the next sends to the IPVS family; undefined lets one pass. */
  readonly faults: (Fault | undefined)[] = [];
  readonly sent: Sent[] = [];
  /** Called before each command of the IPVS family: the moment at which others change the table. */
  onCommand: (command: number) => void = () => {};
  openSockets = 0;
  socketsOpened = 0;

  readonly openSocket: OpenSocket = async (events) => {
    this.openSockets++;
    this.socketsOpened++;
    return new FakeSocket(this, events);
  };

  /** @returns the datagrams that answer. */
  handle(datagram: Buffer, socket: { dumping: boolean }): readonly Buffer[] {
    const requests = readRequests(datagram);
    this.sent.push({ messages: requests.length, bytes: datagram.length });
    return requests.flatMap(({ header, body, whole }) => {
      try {
        const answers = this.#answer(header, body, socket);
        return (header.flags & FLAG.ack) === 0 ? answers : [...answers, ack(header)];
      } catch (error) {
        if (!(error instanceof Errno)) throw error;
        // netlink_rcv_skb(): "if (err == -EINTR) goto skip"
        if (error.errno === constants.errno.EINTR) return [];
        return [failure(header, whole, error.errno, this.explains ? error.message : undefined)];
      }
    });
  }

  /** Whether the fault list is about this datagram: the question for the family is spared. */
  isForIpvs(datagram: Buffer): boolean {
    return datagram.readUInt16LE(4) !== GENL_ID_CTRL;
  }

  #answer(header: Header, body: Buffer, socket: { dumping: boolean }): readonly Buffer[] {
    assert.ok(body.length >= 4, 'a whole generic netlink header');
    const command = body.readUInt8(0);
    assert.equal(body.readUInt16LE(2), 0, 'genlmsghdr.reserved');
    if (header.type === GENL_ID_CTRL) return this.#family(header, command, body.subarray(4));
    if (header.type !== IPVS_FAMILY || !this.hasIpvs) throw new Errno('ENOENT');
    assert.equal(body.readUInt8(1), 1, 'IPVS_GENL_VERSION');
    if (!this.permitted) throw new Errno('EPERM');
    const request = parseStrictly(COMMAND_POLICY, body.subarray(4));
    checkContents(command, request);
    this.onCommand(command);
    if ((header.flags & FLAG.dump) !== 0) return this.#dump(header, command, request, socket);
    if (!COMMANDS_WITH_ANSWER.includes(command)) {
      this.table.change(command, request);
      return [];
    }
    assert.ok(command !== 8 && command !== 11, `command ${command} is only for dumps`);
    return this.table
      .read(command, request, false)
      .map((reply) => message(IPVS_FAMILY, 0, header.sequence, genericBody(reply)));
  }

  #family(header: Header, command: number, body: Buffer): readonly Buffer[] {
    assert.equal(command, 3, 'CTRL_CMD_GETFAMILY');
    const name = parseStrictly(CONTROL_POLICY, body).get('FAMILY_NAME');
    if (!this.hasIpvs || name?.toString() !== 'IPVS\0') throw new Errno('ENOENT');
    const reply = Buffer.concat([attribute(2, text('IPVS')), attribute(1, u16(IPVS_FAMILY))]);
    return [message(GENL_ID_CTRL, 0, header.sequence, genericBody({ command: 1, body: reply }))];
  }

  #dump(
    header: Header,
    command: number,
    request: Attributes,
    socket: { dumping: boolean },
  ): readonly Buffer[] {
    assert.ok([4, 8, 11].includes(command), `command ${command} has no dump`);
    // __netlink_dump_start(): one dump at a time on a socket
    if (socket.dumping) throw new Errno('EBUSY');
    socket.dumping = true;
    const entries = this.table
      .read(command, request, true)
      .map((reply) => message(IPVS_FAMILY, FLAG.multi, header.sequence, genericBody(reply)));
    const datagrams: Buffer[] = [];
    for (let at = 0; at < entries.length; at += this.entriesPerDatagram) {
      datagrams.push(Buffer.concat(entries.slice(at, at + this.entriesPerDatagram)));
    }
    return [...datagrams, done(header.sequence)];
  }
}

class FakeSocket implements NetlinkSocket {
  readonly #kernel: FakeKernel;
  readonly #events: SocketEvents;
  readonly #state = { dumping: false };
  #open = true;

  constructor(kernel: FakeKernel, events: SocketEvents) {
    this.#kernel = kernel;
    this.#events = events;
  }

  send(datagram: Buffer, report: (error?: Error) => void): void {
    assert.ok(this.#open, 'sends go to an open socket');
    const fault = this.#kernel.isForIpvs(datagram) ? this.#kernel.faults.shift() : undefined;
    if (fault?.kind === 'refuse') {
      setImmediate(() => report(withCode(fault.code)));
      return;
    }
    const answers = this.#kernel.handle(datagram, this.#state);
    setImmediate(() => report());
    for (const deliver of this.#plan(answers, fault)) {
      setImmediate(() => {
        if (this.#open) deliver();
      });
    }
  }

  close(): void {
    if (this.#open) this.#kernel.openSockets--;
    this.#open = false;
  }

  /** The steps by which the answers reach the client. */
  #plan(answers: readonly Buffer[], fault: Fault | undefined): readonly (() => void)[] {
    const { onDatagram, onLoss, onError } = this.#events;
    if (fault?.kind === 'silence') return [];
    if (fault?.kind === 'die') return [() => onError(withCode(fault.code))];
    const steps = answers.map((datagram, index) => {
      const bytes = fault?.kind === 'interrupt' ? interrupted(datagram) : datagram;
      if (fault?.kind === 'truncate' && fault.at === index) return () => onLoss(new Error('cut'));
      if (fault?.kind === 'replace' && fault.at === index) return () => onDatagram(fault.by);
      return () => {
        if (bytes.readUInt16LE(4) === TYPE.done) this.#state.dumping = false;
        onDatagram(bytes);
      };
    });
    if (fault?.kind !== 'lose') return steps;
    const until = fault.until ?? steps.length;
    const loss = () => onLoss(withCode('ENOBUFS'));
    return [...steps.slice(0, fault.from), loss, ...steps.slice(until)];
  }
}

function interrupted(datagram: Buffer): Buffer {
  const copy = Buffer.from(datagram);
  if (copy.readUInt16LE(4) === TYPE.done || (copy.readUInt16LE(6) & FLAG.multi) !== 0) {
    copy.writeUInt16LE(copy.readUInt16LE(6) | FLAG.interrupted, 6);
  }
  return copy;
}

function withCode(code: string): Error {
  return Object.assign(new Error(code), { code });
}
