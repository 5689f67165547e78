import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type Identity, identity } from '../../tls-identity.ts';
import type { TcpService } from './service.ts';

/** Pages by http, also to those that ask for whole addresses as of a proxy. */
export function webService(): TcpService {
  return eitherOf(createServer(pages(true)), createServer(pages(false)));
}

/** The same by https. */
export function secureWebService(name: Parameters<typeof identity>[0]): TcpService {
  const tls: Identity = identity(name);
  return eitherOf(createTlsServer(tls, pages(true)), createTlsServer(tls, pages(false)));
}

function eitherOf(
  well: { emit(event: string, ...values: readonly unknown[]): boolean },
  unwell: typeof well,
): TcpService {
  return (socket, isWell) => {
    (isWell ? well : unwell).emit('connection', socket);
  };
}

/** What a path answers however the server is; any other has the text that checks look for. */
const statuses: Readonly<Record<string, number>> = {
  '/empty': 204,
  '/denied': 401,
  '/missing': 404,
  '/broken': 500,
};

function pages(isWell: boolean): RequestListener {
  return (request, response) => {
    const { host = '' } = request.headers;
    const { pathname } = new URL(request.url ?? '/', 'http://server.test');
    const status = statuses[pathname];
    if (status !== undefined) {
      response.writeHead(status).end();
    } else if (pathname === '/elsewhere') {
      response.writeHead(302, { location: 'http://10.9.0.103/index.html' }).end();
    } else if (pathname === '/only-www') {
      response.writeHead(host === 'www.x.y.z' ? 200 : 404).end('Test Page\n');
    } else if (pathname === '/only-get') {
      response.writeHead(request.method === 'GET' ? 200 : 405).end('Test Page\n');
    } else {
      response.writeHead(200).end(isWell ? 'Test Page\n' : 'Closed\n');
    }
  };
}
