import type { EventEmitter } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { CheckTarget } from '../config/check-target.ts';
import { tcpOptions } from './tcp-options.ts';

/** How long a client library may take to say goodbye before its connection is given up. */
const lingerMs = 1000;

/**
 * A connection to hand to a client library, which then cannot keep it beyond the check: it is
 * destroyed at the abort, and what the library throws at bytes that it cannot read ends the
 * connection, not this process.
 *
 * @throws the signal's reason when it is aborted already.
 */
export function openClientSocket(target: CheckTarget, signal: AbortSignal): Socket {
  signal.throwIfAborted();
  return tame(connect(tcpOptions(target)), signal);
}

/** Makes the same of a connection that somebody else has opened. */
export function tame<S extends Socket>(socket: S, signal: AbortSignal): S {
  const giveUp = (): void => {
    socket.destroy(asError(signal.reason));
  };
  signal.addEventListener('abort', giveUp);
  socket.once('close', () => signal.removeEventListener('abort', giveUp));
  // The library reports errors; one that comes when nobody listens any more is of no interest.
  socket.on('error', () => {});
  return withoutThrowing(socket);
}

/**
 * Waits for what a client library does, but not beyond the abort.
 *
 * @throws what `work` rejects with, or the signal's reason.
 */
export function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const giveUp = (): void => reject(signal.reason);
    if (signal.aborted) giveUp();
    signal.addEventListener('abort', giveUp);
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', giveUp));
  });
}

/** Gives a library some time to end its connection in good order, and then cuts it. */
export function destroyLater(socket: Socket): void {
  if (socket.destroyed) return;
  const timer = setTimeout(() => socket.destroy(), lingerMs);
  socket.once('close', () => clearTimeout(timer));
}

/**
 * Parsers run in the listeners of 'data'. An exception there would be an uncaught one; here it
 * becomes the error of the socket, which every client reports as its own.
 */
function withoutThrowing<S extends EventEmitter & { destroy(error: Error): unknown }>(
  socket: S,
): S {
  const emit: (...args: Parameters<EventEmitter['emit']>) => boolean = socket.emit.bind(socket);
  return Object.assign(socket, {
    emit: (...args: Parameters<EventEmitter['emit']>): boolean => {
      try {
        return emit(...args);
      } catch (error) {
        socket.destroy(asError(error));
        return true;
      }
    },
  });
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}
