import { readFileSync } from 'node:fs';
import { openFiles } from './open-files.ts';
import { processNumbers } from './process-numbers.ts';

/**
 * The process that listens on a unix socket, as the kernel knows it: of one that hangs and cannot be
 * asked, too; proc_net(5).
 *
 * @param path of the socket, as it was given to bind(2).
 * @returns its number; undefined when there is none in this network namespace, or not for us to see.
 */
export function socketListener(path: string): number | undefined {
  const sockets = listeningSockets(path);
  if (sockets.size === 0) return undefined;
  return processNumbers().find((pid) => openFiles(pid)?.some((file) => sockets.has(file)));
}

/** A line is `Num RefCount Protocol Flags Type St Inode Path`; __SO_ACCEPTCON is 1 << 16. */
function listeningSockets(path: string): ReadonlySet<string> {
  const lines = readFileSync('/proc/net/unix', 'utf8').split('\n');
  const listening = lines.flatMap((line) => {
    const [, , , flags, , , inode, ...name] = line.split(/ +/);
    return flags === '00010000' && name.join(' ') === path ? [`socket:[${inode}]`] : [];
  });
  return new Set(listening);
}
