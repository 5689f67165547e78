import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import type { CheckTarget } from '../config/model.ts';

/** Datagrams get lost; a question is put again this often until there is an answer. */
const repeatMs = 1000;

/** A question by UDP. */
export interface DatagramExchange<T> {
  readonly target: CheckTarget;
  /** @param local address that the datagram will come from. */
  readonly request: (local: string) => Buffer;
  /** @returns undefined for what is no answer to the question; the wait for one goes on. */
  readonly read: (datagram: Buffer) => T | undefined;
}

/**
 * Sends a datagram, again and again every second, until an answer comes. What comes from elsewhere
 * is not seen.
 *
 * @throws Error ECONNREFUSED when the port is closed; the signal's reason at the abort.
 */
export async function exchangeDatagrams<T>(
  { target, request, read }: DatagramExchange<T>,
  signal: AbortSignal,
): Promise<T> {
  signal.throwIfAborted();
  const socket = createSocket(target.family === 'inet6' ? 'udp6' : 'udp4');
  let repeat: NodeJS.Timeout | undefined;
  let giveUp: (() => void) | undefined;
  try {
    // A connected socket takes datagrams of its peer only, and hears of ICMP port unreachable as
    // ECONNREFUSED (udp(7)).
    if (target.from !== undefined) socket.bind({ address: target.from });
    socket.connect(target.port, target.address);
    await once(socket, 'connect', { signal });
    return await new Promise<T>((resolve, reject) => {
      giveUp = () => reject(signal.reason);
      signal.addEventListener('abort', giveUp);
      socket.on('error', reject);
      socket.on('message', (datagram) => {
        const answer = read(datagram);
        if (answer !== undefined) resolve(answer);
      });
      const message = request(socket.address().address);
      socket.send(message);
      repeat = setInterval(() => socket.send(message), repeatMs);
    });
  } finally {
    clearInterval(repeat);
    if (giveUp !== undefined) signal.removeEventListener('abort', giveUp);
    socket.close();
  }
}
