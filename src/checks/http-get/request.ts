import { isIPv6 } from 'node:net';
import type { HttpGetCheck } from '../../config/block-checks.ts';

/** What a GET request of keepalived's form says. */
export interface GetRequest {
  readonly protocol: HttpGetCheck['protocol'];
  /** As it stands in the request line. */
  readonly path: string;
  /** As it stands in the Host header. */
  readonly host: string;
}

/**
 * The bytes that keepalived's HTTP_GET and genhash send: these headers in this order and no other.
 * Unlike there, a request of more than 2047 bytes is not cut off: a server never answers to half of one.
 */
export function requestBytes({ protocol, path, host }: GetRequest): Buffer {
  const lines = [
    `GET ${path} HTTP/${protocol === '1.1' ? '1.1' : '1.0'}`,
    'User-Agent: KeepAliveClient',
    ...(protocol === '1.0' ? [] : ['Connection: close']),
    `Host: ${host}`,
  ];
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'utf8');
}

/** The Host header of a server without a name: the port always stands there, be it 80 or 443. */
export function addressHost({ address, port }: HttpGetCheck['target']): string {
  return isIPv6(address) ? `[${address}]:${port}` : `${address}:${port}`;
}
