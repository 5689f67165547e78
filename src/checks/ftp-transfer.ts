import { once } from 'node:events';
import { connect, isIPv6, type Socket } from 'node:net';
import type { CheckTarget } from '../config/check-target.ts';
import type { Dialogue } from './dialogue.ts';
import { askFtp } from './ftp-reply.ts';
import { closeGracefully } from './graceful-close.ts';
import { describeError, isLocalTrouble } from './reason.ts';
import { tcpOptions } from './tcp-options.ts';

export interface DataQuestion {
  readonly dialogue: Dialogue;
  /** Where the server is, and where from; only the port is taken from what it says. */
  readonly target: CheckTarget;
  /** Bytes after which no more is read. */
  readonly limit: number;
  readonly signal: AbortSignal;
}

export interface Data {
  /** What the server has sent until it closed or until the limit. */
  readonly received: Promise<{ readonly bytes: Buffer; readonly isWhole: boolean }>;
  /** Ends the connection, in the background. */
  close(): void;
}

/**
 * Opens a data connection to the server: EPSV (RFC 2428), and PASV (RFC 959) where that is refused
 * and the server is asked over IPv4. The address in the answer to PASV is ignored: the
 * server stands where it was asked, and an answer must not lead a check to other machines.
 *
 * @returns the connection once it is there, or why the server does not give one.
 * @throws Error of either connection.
 */
export async function openData(
  question: DataQuestion,
): Promise<Data | { readonly refusal: string }> {
  const { dialogue, target, limit, signal } = question;
  const port = await askForPort(dialogue, target.address);
  if ('refusal' in port) return port;
  signal.throwIfAborted();
  const socket = connect(tcpOptions({ ...target, port: port.number }));
  const destroy = (): void => void socket.destroy();
  signal.addEventListener('abort', destroy);
  socket.once('close', () => signal.removeEventListener('abort', destroy));
  try {
    await once(socket, 'connect', { signal });
  } catch (error) {
    socket.destroy();
    if (signal.aborted || isLocalTrouble(error)) throw error;
    return { refusal: `data connection: ${describeError(error)}` };
  }
  const received = collect(socket, limit);
  // Waited for only after the server has answered to RETR.
  received.catch(() => {});
  return { received, close: () => closeGracefully(socket, signal) };
}

type Port = { readonly number: number } | { readonly refusal: string };

async function askForPort(dialogue: Dialogue, address: string): Promise<Port> {
  const extended = await askFtp(dialogue, 'EPSV');
  // 229 Entering Extended Passive Mode (|||6446|)
  const port = /\(([!-~])\1\1(\d{1,5})\1\)/.exec(extended.text)?.[2];
  if (extended.code === 229 && port !== undefined) return { number: Number(port) };
  if (isIPv6(address)) return { refusal: extended.text };
  const passive = await askFtp(dialogue, 'PASV');
  // 227 Entering Passive Mode (h1,h2,h3,h4,p1,p2)
  const [, high, low] = /\d+,\d+,\d+,\d+,(\d+),(\d+)/.exec(passive.text) ?? [];
  if (passive.code !== 227) return { refusal: passive.text };
  return { number: Number(high) * 256 + Number(low) };
}

function collect(socket: Socket, limit: number): Data['received'] {
  const chunks: Buffer[] = [];
  let length = 0;
  return new Promise((resolve, reject) => {
    const finish = (isWhole: boolean): void =>
      resolve({ bytes: Buffer.concat(chunks).subarray(0, limit), isWhole });
    socket.on('data', (chunk: Buffer) => {
      if (length >= limit) return;
      chunks.push(chunk);
      length += chunk.length;
      if (length >= limit) finish(false);
    });
    socket.once('end', () => finish(true));
    socket.on('error', (error) => reject(new Error(`data connection: ${error.message}`)));
    // After an abort there is neither an end nor an error.
    socket.once('close', () => reject(new Error('data connection: closed early')));
  });
}
