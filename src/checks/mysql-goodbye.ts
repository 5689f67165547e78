import type { Socket } from 'node:net';
import { closeGracefully } from './graceful-close.ts';

export interface MysqlGoodbye {
  /** User to log in as, without a password; "" is nobody. */
  readonly login: string;
  /** How long the server may take to greet and to answer. */
  readonly limitMs: number;
}

/** Length in three bytes, number of the packet (MySQL internals, "MySQL Packets"). */
const headerLength = 4;

/** Longest answer that is read; greetings and refusals are far shorter. */
const longestAnswer = 16 * 1024;

/** Packets of a login before it is given up: there may be a change of plugin and some more data. */
const mostRounds = 5;

const protocolVersion = 10;
const answer = { ok: 0x00, moreData: 0x01, otherPlugin: 0xfe } as const;

const quit = Buffer.from([1, 0, 0, 0, 0x01]);

/** CLIENT_LONG_PASSWORD, _PROTOCOL_41, _SECURE_CONNECTION and _PLUGIN_AUTH. */
const capabilities = 0x1 | 0x200 | 0x8000 | 0x80000;

/**
 * Ends the connection to a MySQL or MariaDB server with a login, right or refused. Any connection that
 * ends before, with FIN no less than with RST, is to the server a handshake that failed
 * (`SUM_CONNECT_ERRORS` of performance_schema.host_cache), and after `max_connect_errors` of them in
 * a row it lets nobody in from that address; a refused login is none of those. A server that does not
 * greet as MySQL does is sent nothing.
 *
 * Returns at once, takes over the socket, and ends with FIN; earlier when `signal` is aborted.
 */
export function sayGoodbyeToMysql(
  socket: Socket,
  { login, limitMs }: MysqlGoodbye,
  signal: AbortSignal,
): void {
  let bytes = Buffer.alloc(0);
  let rounds = 0;
  let closing = false;
  const close = (): void => {
    if (closing) return;
    closing = true;
    clearTimeout(timer);
    signal.removeEventListener('abort', close);
    socket.off('data', read);
    closeGracefully(socket, signal);
  };
  const read = (chunk: Buffer): void => {
    bytes = Buffer.concat([bytes, chunk]);
    if (bytes.length < headerLength) return;
    const end = headerLength + bytes.readUIntLE(0, 3);
    if (end > longestAnswer) close();
    if (closing || bytes.length < end) return;
    const packet = bytes.subarray(headerLength, end);
    const reply = rounds === 0 ? replyToGreeting(packet, login) : replyToAnswer(packet);
    const number = bytes.readUInt8(3) + 1;
    bytes = bytes.subarray(end);
    rounds += 1;
    if (reply === 'quit') socket.write(quit);
    if (typeof reply === 'string' || rounds > mostRounds) close();
    else socket.write(Buffer.concat([header(reply.length, number), reply]));
  };
  const timer = setTimeout(close, limitMs);
  signal.addEventListener('abort', close);
  socket.once('close', close);
  socket.on('error', close);
  socket.on('end', close);
  socket.on('data', read);
}

type Reply = Buffer | 'quit' | 'close';

/** An error in place of the greeting, such as "Too many connections", is the end as well. */
function replyToGreeting(packet: Buffer, login: string): Reply {
  return packet[0] === protocolVersion ? loginPacket(login) : 'close';
}

function replyToAnswer(packet: Buffer): Reply {
  switch (packet[0]) {
    case answer.ok:
      return 'quit';
    case answer.otherPlugin:
    case answer.moreData:
      // No password, by any plugin.
      return Buffer.alloc(0);
    default:
      return 'close';
  }
}

/** Protocol::HandshakeResponse41: abilities, longest packet, character set, user, password, plugin. */
function loginPacket(login: string): Buffer {
  const fixed = Buffer.alloc(32);
  fixed.writeUInt32LE(capabilities, 0);
  fixed.writeUInt32LE(longestAnswer, 4);
  // utf8_general_ci
  fixed.writeUInt8(33, 8);
  return Buffer.concat([fixed, Buffer.from(`${login}\0\0mysql_native_password\0`)]);
}

function header(length: number, number: number): Buffer {
  return Buffer.from([length & 0xff, (length >> 8) & 0xff, (length >> 16) & 0xff, number & 0xff]);
}
