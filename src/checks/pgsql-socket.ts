import type { Socket } from 'node:net';
import { type TLSSocket, connect as tlsConnect } from 'node:tls';
import type { Endpoint } from '../config/endpoint.ts';
import { openClientSocket, tame, untilAborted } from './client-socket.ts';
import { frameInspector } from './pgsql-frames.ts';

/** Length 8 and the number 80877103 (PostgreSQL manual, 55.7: SSLRequest). */
const sslRequest = Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]);

/**
 * A connection to a PostgreSQL server, over TLS when the server offers it and plain otherwise, which
 * is what libpq calls "sslmode=prefer" and what ldirectord got. The certificate is not verified.
 * On one connection: pg by itself takes either a yes or a no.
 */
export async function openPgSocket(target: Endpoint, signal: AbortSignal): Promise<Socket> {
  const socket = openClientSocket(target, signal);
  try {
    const answer = await untilAborted(askForTls(socket), signal);
    if (answer === 'N') return inspected(socket);
    if (answer === 'S') return inspected(await untilAborted(startTls(socket, signal), signal));
    throw new Error('not the answer of a PostgreSQL server');
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

/** All that has come: more than the one byte would be from somebody who speaks before TLS does. */
function askForTls(socket: Socket): Promise<string> {
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.once('close', () => reject(new Error('connection closed without an answer')));
    socket.once('data', (bytes: Buffer) => resolve(bytes.toString('latin1')));
    socket.write(sslRequest);
  });
}

/** The first to listen is asked first, and what it throws ends the connection (client-socket.ts). */
function inspected<S extends Socket>(socket: S): S {
  return socket.on('data', frameInspector());
}

function startTls(socket: Socket, signal: AbortSignal): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const secure = tame(tlsConnect({ socket, rejectUnauthorized: false }), signal);
    secure.once('error', reject);
    secure.once('close', () => reject(new Error('connection closed in the TLS handshake')));
    secure.once('secureConnect', () => resolve(secure));
  });
}
