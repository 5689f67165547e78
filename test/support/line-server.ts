import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { createServer as createTlsServer } from 'node:tls';
import type { Endpoint } from '../../src/config/endpoint.ts';
import { listen } from './tcp-server.ts';
import type { Identity } from './tls-identity.ts';

export interface LineServerOptions {
  /** Sent at once to whoever connects, as it is. */
  readonly greeting?: string;
  /** What is sent in answer to a line, as it is; undefined for nothing. */
  readonly answer?: (line: string, socket: Socket) => string | undefined;
  /** Key and certificate, to speak TLS from the start. */
  readonly tls?: Identity;
  readonly address?: string;
}

export interface LineServer {
  readonly endpoint: Endpoint;
  /** All lines of all connections, without their ends; each character one byte. */
  readonly lines: readonly string[];
  /** SNI name of each TLS connection; `false` for none. */
  readonly serverNames: readonly unknown[];
  /** Codes of the errors that its sockets gave, ECONNRESET for a RST. */
  readonly errors: readonly string[];
  /** Resolves when that many connections were made and all of them are over. */
  closed(count: number): Promise<void>;
  /** Sends FIN on every connection. */
  hangUp(): void;
}

/** A scripted server of a line protocol, on loopback, which ends with the test. */
export async function startLineServer(
  t: TestContext,
  { greeting = '', answer = () => undefined, tls, address = '127.0.0.1' }: LineServerOptions,
): Promise<LineServer> {
  const lines: string[] = [];
  const serverNames: unknown[] = [];
  const errors: string[] = [];
  const sockets: Socket[] = [];
  const serve = (socket: Socket & { readonly servername?: unknown }): void => {
    sockets.push(socket);
    serverNames.push(socket.servername);
    socket.on('error', (error: NodeJS.ErrnoException) => errors.push(error.code ?? error.message));
    let text = '';
    socket.setEncoding('latin1').on('data', (chunk: string) => {
      text += chunk;
      const complete = text.split('\n');
      text = complete.pop() ?? '';
      for (const raw of complete) {
        const line = raw.replace(/\r$/, '');
        lines.push(line);
        const said = answer(line, socket);
        if (said !== undefined) socket.write(said, 'latin1');
      }
    });
    socket.write(greeting, 'latin1');
  };
  const server = tls === undefined ? createServer(serve) : createTlsServer(tls, serve);
  server.on('tlsClientError', (error: NodeJS.ErrnoException) => errors.push(error.code ?? ''));
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return {
    endpoint: await listen(server, address),
    lines,
    serverNames,
    errors,
    async closed(count) {
      const served = tls === undefined ? 'connection' : 'secureConnection';
      while (sockets.length < count) await once(server, served);
      await Promise.all(sockets.filter(({ closed }) => !closed).map((each) => once(each, 'close')));
    },
    hangUp() {
      for (const socket of sockets) socket.end();
    },
  };
}
