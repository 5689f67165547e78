import type { Socket } from 'node:net';

/** How long a server may take to answer a FIN with its own before the socket is given up. */
const lingerMs = 1000;

/** What is read and thrown away meanwhile; a server that sends more is cut off. */
const longestDrain = 16 * 1024 * 1024;

/**
 * Ends a TCP connection so that the server sees a FIN and no RST. Linux answers a close with RST
 * when data lies unread in the receive buffer (tcp_close in net/ipv4/tcp.c; RFC 1122, 4.2.2.13)
 * and any data that comes after it too. So: send FIN first, read what still comes, and close when
 * the server has sent its own FIN.
 *
 * Returns at once; the rest goes on by itself, for a second at most, and ends earlier when `signal`
 * is aborted. Takes over the socket: its errors are of no interest from here on.
 */
export function closeGracefully(socket: Socket, signal: AbortSignal): void {
  if (socket.destroyed) return;
  const giveUp = (): void => {
    socket.destroy();
  };
  const timer = setTimeout(giveUp, lingerMs);
  let drained = 0;
  socket.on('error', giveUp);
  socket.on('data', (chunk: Buffer) => {
    drained += chunk.length;
    if (drained > longestDrain) giveUp();
  });
  signal.addEventListener('abort', giveUp);
  socket.once('close', () => {
    clearTimeout(timer);
    signal.removeEventListener('abort', giveUp);
  });
  socket.end();
  // Node closes its side for good once both FINs are through (allowHalfOpen is off); 'end' comes
  // only when everything has been read.
  socket.resume();
  if (signal.aborted) giveUp();
}
