import type { Socket } from 'node:net';
import { connect, TLSSocket } from 'node:tls';
import { errorCode, oneLine } from './reason.ts';
import { systemTrust } from './system-roots.ts';

export interface TlsTarget {
  /** Address or name, IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
  /** Name for the server name indication; "" sends none. */
  readonly serverName: string;
}

/**
 * Begins a TLS connection as every check over TLS has it: the chain is verified against the
 * authorities of the machine, the name in the certificate is not, as ldirectord has it since LWP 6:
 * real servers are asked by address, and their certificate carries the name of the service.
 */
export function connectTls({ host, port, serverName }: TlsTarget): TLSSocket {
  return connect({
    host,
    port,
    servername: serverName,
    secureContext: systemTrust(),
    checkServerIdentity: () => undefined,
  });
}

/**
 * What went wrong in TLS itself, as one line.
 *
 * @returns undefined when the trouble was another one, or when it was no TLS connection.
 */
export function tlsFault(error: Error, socket: Socket): string | undefined {
  if (!(socket instanceof TLSSocket)) return undefined;
  if (socket.authorizationError) return `certificate not trusted: ${oneLine(error.message)}`;
  const code = errorCode(error);
  if (code !== 'EPROTO' && !code?.startsWith('ERR_SSL_')) return undefined;
  // OpenSSL's own form, error:CODE:LIBRARY:FUNCTION:REASON:..., of which the reason says it all.
  const reason = /:SSL routines:[^:]*:([^:]+)/.exec(error.message)?.[1];
  return `TLS handshake failed: ${oneLine(reason ?? error.message)}`;
}
