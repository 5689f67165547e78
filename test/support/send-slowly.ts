import type { Socket } from 'node:net';

/** Sends a text one byte at a time, each in a segment of its own. */
export function sendSlowly(socket: Socket, text: string): void {
  socket.setNoDelay(true);
  const bytes = Buffer.from(text, 'latin1');
  const next = (at: number): void => {
    if (at >= bytes.length || socket.destroyed) return;
    socket.write(bytes.subarray(at, at + 1), () => setImmediate(next, at + 1));
  };
  next(0);
}
