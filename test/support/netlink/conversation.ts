import assert from 'node:assert/strict';
import type { NetlinkSocket, OpenSocket } from '../../../src/ipvs-netlink/index.ts';

/** One datagram on its way: to the kernel, or from it. */
export interface Turn {
  readonly to?: string;
  readonly from?: string;
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
