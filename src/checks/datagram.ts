import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { CheckTarget } from '../config/check-target.ts';

export interface DatagramQuestion<Answer> {
  readonly target: CheckTarget;
  /** Makes the datagram to send, told which address and port it goes out from. */
  readonly request: (local: { readonly address: string; readonly port: number }) => Buffer;
  /** Pauses after which it is sent again, in order; none if not given. */
  readonly resendAfterMs?: readonly number[];
  /** Reads one datagram that came back; undefined to wait for another one. */
  readonly read: (datagram: Buffer) => Answer | undefined;
  readonly signal: AbortSignal;
}

/** Pauses of one second each, for as long as a check may take: datagrams get lost. */
export function everySecond(timeoutMs: number): readonly number[] {
  return Array.from({ length: Math.ceil(timeoutMs / 1000) }, () => 1000);
}

/**
 * Asks over UDP, from a port of its own, and waits for an answer until the abort: nothing else says
 * that no more will come.
 *
 * @throws Error of the socket, such as ECONNREFUSED after an ICMP port unreachable (udp(7)), or the
 *   reason of the abort.
 */
export async function askByDatagram<Answer>(question: DatagramQuestion<Answer>): Promise<Answer> {
  const { target, signal } = question;
  signal.throwIfAborted();
  const socket = createSocket(target.family === 'inet6' ? 'udp6' : 'udp4');
  try {
    if (target.from !== undefined) socket.bind({ address: target.from });
    socket.connect(target.port, target.address);
    await once(socket, 'connect', { signal });
    return await awaitAnswer(socket, question);
  } finally {
    socket.close();
  }
}

async function awaitAnswer<Answer>(
  socket: Socket,
  { request, resendAfterMs = [], read, signal }: DatagramQuestion<Answer>,
): Promise<Answer> {
  const datagram = request(socket.address());
  let timer: NodeJS.Timeout | undefined;
  const send = ([pause, ...pauses]: readonly number[]): void => {
    socket.send(datagram);
    if (pause !== undefined) timer = setTimeout(send, pause, pauses);
  };
  let giveUp = (): void => {};
  try {
    return await new Promise((resolve, reject) => {
      giveUp = () => reject(signal.reason);
      signal.addEventListener('abort', giveUp);
      socket.on('error', reject);
      socket.on('message', (message) => {
        try {
          const answer = read(message);
          if (answer !== undefined) resolve(answer);
        } catch (error) {
          reject(error);
        }
      });
      send(resendAfterMs);
    });
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', giveUp);
  }
}
