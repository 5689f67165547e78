import { createServer, type Server, type Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createServer as createTlsServer, type TLSSocket } from 'node:tls';
import type { Endpoint } from '../../src/config/endpoint.ts';
import { listen } from './tcp-server.ts';
import { identity } from './tls-identity.ts';

/** What a server says to a request, byte for byte. */
export interface Segments {
  /** One write each; a string has a byte a character. */
  readonly segments: readonly (string | Buffer)[];
  /** Between two segments; 60 if not given. */
  readonly pauseMs?: number;
  /** Between the last segment and the ending; 0 if not given. */
  readonly holdMs?: number;
  /**
   * `fin` closes, over TLS with close_notify; `drop` closes TCP without it; `reset` sends RST when
   * the segments have had time to arrive; `hang` keeps the connection.
   */
  readonly ending?: 'fin' | 'drop' | 'reset' | 'hang';
  /** `plain-silent` reads nothing and says nothing. */
  readonly transport?: 'plain' | 'tls' | 'plain-silent';
}

export interface SegmentServer {
  readonly endpoint: Endpoint;
  /** What each connection sent before it was answered, each byte a character. */
  readonly requests: readonly string[];
  /** The server name indication of each TLS connection. */
  readonly serverNames: readonly (string | false | null)[];
  /** The address that each connection came from. */
  readonly peers: readonly string[];
  stop(): void;
}

/** A server on loopback that answers every request alike, until the test ends. */
export async function segmentServer(
  t: TestContext,
  said: Segments,
  address = '127.0.0.1',
): Promise<SegmentServer> {
  const server = await startSegmentServer(said, address);
  t.after(() => server.stop());
  return server;
}

/** The same, until it is stopped. */
export async function startSegmentServer(
  { segments, pauseMs = 60, holdMs = 0, ending = 'fin', transport = 'plain' }: Segments,
  address = '127.0.0.1',
): Promise<SegmentServer> {
  const requests: string[] = [];
  const serverNames: (string | false | null)[] = [];
  const peers: string[] = [];
  const connections: Socket[] = [];
  const serve = async (socket: Socket, tcp: Socket): Promise<void> => {
    socket.on('error', () => {});
    if (transport === 'plain-silent') return;
    requests.push(await readRequest(socket));
    for (const [index, segment] of segments.entries()) {
      if (index > 0) await sleep(pauseMs);
      if (socket.destroyed) return;
      socket.write(typeof segment === 'string' ? Buffer.from(segment, 'latin1') : segment);
    }
    if (holdMs > 0) await sleep(holdMs);
    if (ending === 'fin') socket.end();
    if (ending === 'drop' || ending === 'reset') await sleep(100);
    if (ending === 'drop') tcp.end();
    if (ending === 'reset') tcp.resetAndDestroy();
  };
  const server: Server =
    transport === 'tls' ? createTlsServer(identity('trusted')) : createServer({ noDelay: true });
  server.on('connection', (tcp: Socket) => {
    connections.push(tcp);
    peers.push(tcp.remoteAddress ?? '');
    tcp.on('error', () => {});
    tcp.setNoDelay(true);
    if (transport !== 'tls') void serve(tcp, tcp);
  });
  server.on('secureConnection', (socket: TLSSocket & { servername: string | false | null }) => {
    serverNames.push(socket.servername);
    const tcp = connections.find((one) => one.remotePort === socket.remotePort);
    if (tcp !== undefined) void serve(socket, tcp);
  });
  const endpoint = await listen(server, address);
  const stop = (): void => {
    for (const socket of connections) socket.destroy();
    server.close();
  };
  return { endpoint, requests, serverNames, peers, stop };
}

/** Requests of these tests come in one piece. */
function readRequest(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    socket.once('data', (chunk: Buffer) => resolve(chunk.toString('latin1')));
    socket.once('close', () => resolve(''));
  });
}
