import { errorCode, messageOf, NetlinkError } from './errors.ts';

/** NETLINK_GENERIC of include/uapi/linux/netlink.h. */
const NETLINK_GENERIC = 16;

/**
 * SO_RCVBUF: as much as net.core.rmem_max allows. An overflow must not happen: the socket then has
 * an error pending, which libuv reports to the native part as a failed poll, and netlink 0.3.0 ends
 * the whole process on that (binding.cc, PollHandler: an error without the name of a system call).
 * The answers to one send (connection.ts: at most 64 requests) were measured to take 96 KiB at the
 * most; with the usual net.core.rmem_max of 208 KiB the kernel grants 416 KiB.
 */
const RECEIVE_BUFFER_BYTES = 1024 * 1024;

/** What a socket has to tell. None of these may throw: they are called from native code. */
export interface SocketEvents {
  /** One datagram that the kernel sent, whole. */
  readonly onDatagram: (datagram: Buffer) => void;
  /** Something that the kernel sent did not arrive (ENOBUFS, a cut datagram); the socket lives on. */
  readonly onLoss: (error: Error) => void;
  /** The socket is of no use any more. */
  readonly onError: (error: Error) => void;
}

/** The boundary at which netlink becomes bytes. */
export interface NetlinkSocket {
  /** Hands one datagram to the kernel; `done` gets the error when the kernel did not take it. */
  send(datagram: Buffer, done: (error?: Error) => void): void;
  /** Gives the socket back. Nothing is reported after it. Safe to call twice. */
  close(): void;
}

export type OpenSocket = (events: SocketEvents) => Promise<NetlinkSocket>;

/**
 * Opens an AF_NETLINK socket for generic netlink in the network namespace of the process, by the
 * native part of the npm package netlink. It does not keep the process alive.
 *
 * @throws NetlinkError when the native part cannot be loaded (ERR_...), or the kernel has no
 *   generic netlink (EPROTONOSUPPORT, EAFNOSUPPORT).
 */
export async function openGenericSocket(events: SocketEvents): Promise<NetlinkSocket> {
  const { RawNetlinkSocket } = await loadNative();
  const socket = openNative(() => new RawNetlinkSocket(NETLINK_GENERIC));
  socket.setRecvBufferSize(RECEIVE_BUFFER_BYTES);
  socket.unref();
  let open = true;
  socket.on('message', (bytes, { port }) => {
    // Port 0 is the kernel; any other sender is a process that has no business here.
    if (open && port === 0) events.onDatagram(bytes);
  });
  socket.on('truncatedMessage', (bytes, { truncated }) => {
    if (open) events.onLoss(new Error(`got ${bytes.length} of ${truncated ?? 'more'} bytes`));
  });
  socket.on('error', (error) => {
    if (!open) return;
    // recvmsg(2), ENOBUFS: the receive buffer was full and a message was dropped.
    if (error.code === 'ENOBUFS') events.onLoss(error);
    else events.onError(error);
  });
  return {
    send: (datagram, done) => socket.send(datagram, {}, done),
    close: () => {
      if (open) socket.close();
      open = false;
    },
  };
}

/** The raw layer alone: the package's main file takes five times as long to load. */
async function loadNative(): Promise<typeof import('netlink/dist/raw.js')> {
  try {
    return await import('netlink/dist/raw.js');
  } catch (error) {
    throw new NetlinkError({
      operation: 'open netlink socket',
      code: errorCode(error),
      detail: `expected the native part of the npm package "netlink" to load: ${messageOf(error)}`,
      cause: error,
    });
  }
}

function openNative<T>(open: () => T): T {
  try {
    return open();
  } catch (error) {
    throw new NetlinkError({
      operation: 'open netlink socket',
      code: errorCode(error),
      detail: `expected a kernel with generic netlink: ${messageOf(error)}`,
      cause: error,
    });
  }
}
