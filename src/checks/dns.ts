import { connect, type Socket } from 'node:net';
import type { NegotiateCheck } from '../config/check-model.ts';
import type { CheckTarget } from '../config/check-target.ts';
import type { Check } from './check.ts';
import { tame, untilAborted } from './client-socket.ts';
import { askByDatagram, everySecond } from './datagram.ts';
import { type DnsQuestion, type DnsReply, dnsQuestion, dnsReply } from './dns-message.ts';
import { closeGracefully } from './graceful-close.ts';
import { oneLine } from './reason.ts';
import { receiveSearch } from './receive-search.ts';
import { tcpOptions } from './tcp-options.ts';

/**
 * The check of dns (RFC 1035): asks for the addresses (A) of the request, or for its name (PTR) if
 * it is an address itself, over UDP, or TCP with protocol=tcp. Up when one of the answers of that
 * type matches `receive`; without `receive` any of them will do (the original is always down then).
 * Names are asked for as they stand, without the search list of resolv.conf. An answer too long for
 * UDP is fetched over TCP (RFC 7766, 5).
 */
export const checkDns: Check<NegotiateCheck> = async (definition, { signal }) => {
  signal.throwIfAborted();
  const { target, protocol } = definition;
  const expression = receiveSearch(definition.receive);
  const question = dnsQuestion(definition.request.replace(/^\//, ''));
  let reply: DnsReply | undefined;
  if (protocol === 'udp') reply = await askByUdp(definition, question, signal);
  if (reply === undefined || reply.truncated) reply = await askByTcp(target, question, signal);
  const { code, values } = reply;
  if (code !== 'NOERROR') return { up: false, reason: code };
  const [first] = values;
  if (first === undefined) return { up: false, reason: `no ${question.type} record` };
  const found = values.find((value) => expression.test(value));
  if (found !== undefined) return { up: true, reason: oneLine(found) };
  return { up: false, reason: `${oneLine(first)}, but "receive" does not match` };
};

function askByUdp(
  { target, timeoutMs }: NegotiateCheck,
  question: DnsQuestion,
  signal: AbortSignal,
): Promise<DnsReply> {
  return askByDatagram({
    target,
    request: () => question.message,
    resendAfterMs: everySecond(timeoutMs),
    read: (datagram) => dnsReply(question, datagram),
    signal,
  });
}

async function askByTcp(
  target: CheckTarget,
  question: DnsQuestion,
  signal: AbortSignal,
): Promise<DnsReply> {
  const socket = tame(connect(tcpOptions(target)), signal);
  try {
    const length = Buffer.alloc(2);
    length.writeUInt16BE(question.message.length);
    socket.write(Buffer.concat([length, question.message]));
    const reply = dnsReply(question, await untilAborted(readMessage(socket), signal));
    if (reply === undefined) throw new Error('the answer is not one to the question');
    return reply;
  } finally {
    closeGracefully(socket, signal);
  }
}

/** One message after its length in two bytes (RFC 1035, 4.2.2). */
function readMessage(socket: Socket): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let bytes = Buffer.alloc(0);
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('connection closed without an answer')));
    socket.on('end', () => reject(new Error('connection closed without an answer')));
    socket.on('data', (chunk: Buffer) => {
      bytes = Buffer.concat([bytes, chunk]);
      if (bytes.length < 2) return;
      const end = 2 + bytes.readUInt16BE(0);
      if (bytes.length >= end) resolve(bytes.subarray(2, end));
    });
  });
}
