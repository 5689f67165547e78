import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { NetlinkSocket, OpenSocket } from '../../../src/ipvs-netlink/index.ts';
import type { StepResult } from './scenario.ts';

/** One datagram on its way: to the kernel, or from it. */
export interface Turn {
  readonly to?: string;
  readonly from?: string;
}

export interface Recording {
  /** How and where it was made. */
  readonly how: string;
  readonly results: readonly StepResult[];
  readonly turns: readonly Turn[];
}

/** What record-main.ts wrote on a real kernel. */
export function readRecording(): Recording {
  const file = new URL('../../../../fixtures/netlink/scenario.json', import.meta.url);
  return JSON.parse(readFileSync(file, 'utf8'));
}

/** Opens sockets by `openSocket` and notes every datagram in hexadecimal. */
export function recording(openSocket: OpenSocket, turns: Turn[]): OpenSocket {
  return async (events) => {
    const socket = await openSocket({
      ...events,
      onDatagram: (datagram) => {
        turns.push({ from: datagram.toString('hex') });
        events.onDatagram(datagram);
      },
    });
    return {
      send: (datagram, done) => {
        turns.push({ to: datagram.toString('hex') });
        socket.send(datagram, done);
      },
      close: () => socket.close(),
    };
  };
}

/** A socket that knows one conversation: it insists on what is asked, and answers as recorded. */
export function replaying(turns: readonly Turn[]): OpenSocket {
  const left = [...turns];
  return async ({ onDatagram }): Promise<NetlinkSocket> => ({
    send: (datagram) => {
      const expected = left.shift();
      assert.equal(datagram.toString('hex'), expected?.to, 'the recorded request');
      while (left[0]?.from !== undefined) {
        const from = Buffer.from(left.shift()?.from ?? '', 'hex');
        setImmediate(() => onDatagram(from));
      }
    },
    close: () => {},
  });
}
