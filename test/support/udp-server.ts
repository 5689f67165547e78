import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { TestContext } from 'node:test';
import type { Endpoint } from '../../src/config/endpoint.ts';

export interface UdpServer {
  readonly endpoint: Endpoint;
  /** All that came, in order. */
  readonly datagrams: readonly Buffer[];
}

/** Sends a datagram back to who has asked, from the server's own port or from another one. */
export type Reply = (datagram: Buffer, from?: Socket) => void;

/** A server on a free UDP port of loopback that ends with the test. */
export async function startUdpServer(
  t: TestContext,
  serve: (datagram: Buffer, reply: Reply, count: number) => void,
  address = '127.0.0.1',
): Promise<UdpServer> {
  const datagrams: Buffer[] = [];
  const socket = await boundSocket(t, address);
  socket.on('message', (datagram: Buffer, { port, address: client }: RemoteInfo) => {
    datagrams.push(datagram);
    serve(datagram, (answer, from = socket) => from.send(answer, port, client), datagrams.length);
  });
  const family = address.includes(':') ? 'inet6' : 'inet';
  return { endpoint: { family, address, port: socket.address().port }, datagrams };
}

/** A UDP socket of its own, on a free port if none is given. */
export async function boundSocket(t: TestContext, address: string, port = 0): Promise<Socket> {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
  t.after(() => socket.close());
  socket.bind(port, address);
  await once(socket, 'listening');
  return socket;
}
