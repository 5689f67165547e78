import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Socket } from 'node:net';
import type { TestContext } from 'node:test';
import type { Endpoint } from '../../src/config/endpoint.ts';
import { listen } from './tcp-server.ts';

export interface HttpTestServer {
  readonly endpoint: Endpoint;
  /** Request line and raw headers of each request, in order. */
  readonly requests: readonly { readonly line: string; readonly headers: readonly string[] }[];
  /** Codes of errors that the server saw on its sockets; ECONNRESET for a RST. */
  readonly socketErrors: readonly string[];
  /** Resolves when every connection so far is over. */
  allClosed(): Promise<void>;
}

export interface HttpServerOptions {
  readonly address?: string;
  /** Key and certificate for https. */
  readonly tls?: { readonly key: Buffer; readonly cert: Buffer };
  /** Hears the SNI name of each TLS connection; `false` for none. */
  readonly onServerName?: (name: string | false | null | undefined) => void;
}

/** A http or https server on loopback that ends with the test. */
export async function startHttpServer(
  t: TestContext,
  answer: RequestListener,
  options: HttpServerOptions = {},
): Promise<HttpTestServer> {
  const requests: HttpTestServer['requests'][number][] = [];
  const socketErrors: string[] = [];
  const sockets = new Set<Socket>();
  const listener: RequestListener = (request, response) => {
    const { method, url, httpVersion, rawHeaders } = request;
    const headers = rawHeaders.flatMap((name, i) =>
      i % 2 === 0 ? [`${name}: ${rawHeaders[i + 1] ?? ''}`] : [],
    );
    requests.push({ line: `${method} ${url} HTTP/${httpVersion}`, headers });
    answer(request, response);
  };
  const server =
    options.tls === undefined ? createServer(listener) : createTlsServer(options.tls, listener);
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', (error: NodeJS.ErrnoException) => {
      socketErrors.push(error.code ?? error.message);
    });
  });
  server.on('secureConnection', (socket: { servername?: string | false | null }) => {
    options.onServerName?.(socket.servername);
  });
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return {
    endpoint: await listen(server, options.address ?? '127.0.0.1'),
    requests,
    socketErrors,
    async allClosed() {
      const open = [...sockets].filter((socket) => !socket.closed);
      await Promise.all(open.map((socket) => new Promise((done) => socket.once('close', done))));
    },
  };
}
