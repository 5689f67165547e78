import { constants, openSync, statSync } from 'node:fs';
import { Writable } from 'node:stream';
import { execa } from 'execa';
import { type Logger, multistream, pino, type StreamEntry } from 'pino';
import { systemErrorText } from '../config/system-error.ts';
import { boundedStream, pipeStream } from './bounded-stream.ts';
import { FileLines } from './file-lines.ts';

/** Where log lines go; several targets at once are fine. */
export type LogTarget =
  /** A file descriptor: readable lines when it is a terminal, JSON lines otherwise. */
  | { readonly kind: 'descriptor'; readonly fd: 1 | 2 }
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'syslog'; readonly facility: string };

export interface Log {
  readonly logger: Logger;
  /** Follows log rotation: opens files again whose path now names another file or none. */
  followRotation(): void;
  /** Writes out what is pending. */
  close(): Promise<void>;
}

/** A log target that cannot be opened. */
export class LogTargetError extends Error {
  override readonly name = 'LogTargetError';
}

/** What `logfile=` means: a path when it starts with "/", otherwise a syslog facility. */
export function logfileTarget(logfile: string): LogTarget {
  return logfile.startsWith('/')
    ? { kind: 'file', path: logfile }
    : { kind: 'syslog', facility: logfile };
}

/**
 * Opens a log.
 *
 * @param level pino level, e.g. `info` or `debug`.
 * @throws LogTargetError when a file cannot be opened for appending.
 */
export async function openLog(
  targets: readonly LogTarget[],
  level: 'info' | 'debug',
  instance: string,
): Promise<Log> {
  const onLost = (lines: number): void => {
    logger.warn(`log lines were lost, as nobody read them: ${lines}`);
  };
  const sinks = await Promise.all(targets.map((target) => openSink(target, onLost)));
  const streams = sinks.map(({ stream }): StreamEntry => ({ level, stream }));
  const logger = pino(
    {
      level,
      base: { pid: process.pid, instance },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    multistream(streams),
  );
  return {
    logger,
    followRotation: () => {
      for (const sink of sinks) sink.followRotation?.();
    },
    close: async () => {
      await Promise.all(sinks.map(async (sink) => sink.close?.()));
    },
  };
}

interface Sink {
  readonly stream: StreamEntry['stream'];
  readonly followRotation?: () => void;
  readonly close?: () => Promise<void>;
}

type OnLost = (lines: number) => void;

async function openSink(target: LogTarget, onLost: OnLost): Promise<Sink> {
  switch (target.kind) {
    case 'descriptor':
      return descriptorSink(target.fd, onLost);
    case 'file':
      return fileSink(target.path, onLost);
    case 'syslog':
      return syslogSink(target.facility, onLost);
  }
}

async function descriptorSink(fd: 1 | 2, onLost: OnLost): Promise<Sink> {
  const isTerminal = (fd === 1 ? process.stdout : process.stderr).isTTY;
  if (!isTerminal) {
    const pipe = pipeStream(fd);
    if (pipe === undefined) return { stream: new FileLines(fd, onLost) };
    const stream = boundedStream(pipe, onLost);
    return { stream, close: () => stream.close() };
  }
  const { default: pretty } = await import('pino-pretty');
  const stream = pretty({
    destination: fd,
    sync: true,
    colorize: true,
    translateTime: 'SYS:HH:MM:ss.l',
    ignore: 'pid,hostname,instance',
    singleLine: true,
  });
  return { stream };
}

/** As "a" in fopen(3), but a FIFO that nobody reads is an error and not waited for. */
export const appending =
  constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NONBLOCK;

function fileSink(path: string, onLost: OnLost): Sink {
  let stream: FileLines;
  try {
    stream = new FileLines(openSync(path, appending, 0o640), onLost);
  } catch (error) {
    throw new LogTargetError(`unable to open logfile: ${path}: ${systemErrorText(error)}`);
  }
  let inode = statSync(path).ino;
  return {
    stream,
    followRotation: () => {
      const now = statSync(path, { throwIfNoEntry: false })?.ino;
      if (now === inode) return;
      try {
        stream.use(openSync(path, appending, 0o640));
        inode = statSync(path).ino;
      } catch {
        // tried again at the next look
      }
    },
  };
}

/**
 * Node cannot open a datagram unix socket, so lines go through logger(1), one process for the
 * life of the daemon, started again when it ends.
 */
function syslogSink(facility: string, onLost: OnLost): Sink {
  const start = () => {
    const args = ['-p', `${facility}.info`, '-t', 'ipvsd', `--id=${process.pid}`];
    const child = execa('logger', args, {
      stdin: 'pipe',
      stdout: 'ignore',
      stderr: 'ignore',
      reject: false,
      cleanup: false,
    });
    child.stdin.on('error', () => undefined);
    return child;
  };
  let child = start();
  const lines = new Writable({
    decodeStrings: false,
    write(chunk, _encoding, done) {
      if (child.exitCode !== null || child.stdin.destroyed) child = start();
      child.stdin.write(chunk, () => done());
    },
  });
  const stream = boundedStream(lines, onLost);
  return {
    stream,
    close: async () => {
      await stream.close();
      child.stdin.end();
      const patience = setTimeout(() => child.kill(), 1000);
      await child;
      clearTimeout(patience);
    },
  };
}
