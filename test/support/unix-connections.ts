import { readFileSync } from 'node:fs';

/**
 * How many connections a unix socket has, accepted or not; of one that listens.
 *
 * @param pid a process in the network namespace of the socket.
 */
export function unixConnections(pid: number, path: string): number {
  const lines = readFileSync(`/proc/${pid}/net/unix`, 'utf8').split('\n');
  return lines.filter((line) => line.endsWith(` ${path}`)).length - 1;
}
