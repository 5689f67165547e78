import { constants, fstatSync, openSync } from 'node:fs';
import { Socket } from 'node:net';
import type { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * So much may wait for a reader that does not read; what comes then is lost. A table of 10,000 real
 * servers comes in a few megabytes of lines, all in one turn of the loop: no reader is that fast.
 */
const mostWaiting = 16 * 1024 * 1024;
/** How long the end waits for a reader. */
const closePatienceMs = 1000;

/** Takes lines and never makes the writer wait. */
export interface BoundedStream {
  write(line: string): void;
  /** Waits a moment until all is written. */
  close(): Promise<void>;
}

/**
 * Lines for a reader that may be slow, or not read at all.
 *
 * @param onLost told, as soon as there is room again, how many lines were dropped meanwhile.
 */
export function boundedStream(stream: Writable, onLost: (lines: number) => void): BoundedStream {
  let lost = 0;
  // a reader that is gone costs lines, never the daemon
  stream.on('error', () => undefined);
  stream.on('drain', () => {
    const lines = lost;
    lost = 0;
    if (lines > 0) onLost(lines);
  });
  return {
    write(line) {
      if (stream.destroyed) return;
      if (stream.writableLength + line.length > mostWaiting) lost += 1;
      else stream.write(line);
    },
    async close() {
      const endMs = performance.now() + closePatienceMs;
      while (!stream.destroyed && stream.writableLength > 0 && performance.now() < endMs) {
        await sleep(10);
      }
    },
  };
}

/**
 * A pipe or socket that this process was given, to be written to without waiting. A write that
 * waits would stop the daemon as long as nobody reads, and in a thread of its own keep the process
 * from its end.
 *
 * @returns undefined for what is neither, and never makes a writer wait.
 */
export function pipeStream(fd: number): Writable | undefined {
  const stat = fstatSync(fd);
  if (!stat.isFIFO() && !stat.isSocket()) return undefined;
  const socket = new Socket({ fd: ownDescriptor(fd), readable: false, writable: true });
  socket.unref();
  return socket;
}

/**
 * A pipe is opened anew, as O_NONBLOCK on the one we have would hold for those who share it, too.
 * A socket cannot be opened, nor a pipe without reader (ENXIO, open(2)).
 */
function ownDescriptor(fd: number): number {
  try {
    return openSync(`/proc/self/fd/${fd}`, constants.O_WRONLY | constants.O_NONBLOCK);
  } catch {
    return fd;
  }
}
