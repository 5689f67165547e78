import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import type { TestContext } from 'node:test';
import type { Endpoint } from '../../src/config/endpoint.ts';

/** How one connection looked from the server's side. */
export interface Seen {
  /** The client sent FIN. */
  ended: boolean;
  /** Code of the error that the socket gave, ECONNRESET for a RST. */
  error?: string;
  received: string;
}

export interface TestServer {
  readonly endpoint: Endpoint;
  /** One entry for each connection, in the order that they came. */
  readonly connections: readonly Seen[];
  /** Resolves when that connection is over. */
  closed(index: number): Promise<Seen>;
}

/** A server on loopback that ends with the test. */
export async function startTcpServer(
  t: TestContext,
  serve: (socket: Socket) => void,
  address = '127.0.0.1',
): Promise<TestServer> {
  const connections: Seen[] = [];
  const closings: Promise<unknown>[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    const seen: Seen = { ended: false, received: '' };
    connections.push(seen);
    sockets.add(socket);
    socket.on('error', (error: NodeJS.ErrnoException) => {
      seen.error = error.code ?? error.message;
    });
    socket.on('data', (chunk: Buffer) => {
      seen.received += chunk.toString('latin1');
    });
    socket.on('end', () => {
      seen.ended = true;
    });
    closings.push(new Promise((resolve) => socket.on('close', resolve)));
    serve(socket);
  });
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const endpoint = await listen(server, address);
  return {
    endpoint,
    connections,
    async closed(index) {
      while (closings.length <= index) await once(server, 'connection');
      await closings[index];
      const seen = connections[index];
      if (seen === undefined) throw new Error(`no connection ${index}`);
      return seen;
    },
  };
}

/** Lets any kind of server listen on a free port of a loopback address. */
export async function listen(server: Server, address: string): Promise<Endpoint> {
  server.listen(0, address);
  await once(server, 'listening');
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('server: expected a port');
  return { family: address.includes(':') ? 'inet6' : 'inet', address, port: bound.port };
}

/** A port on loopback that nothing listens on. */
export async function refusingEndpoint(address = '127.0.0.1'): Promise<Endpoint> {
  const server = createServer();
  const endpoint = await listen(server, address);
  server.close();
  await once(server, 'close');
  return endpoint;
}
