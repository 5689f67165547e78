import type { Socket, TcpNetConnectOpts } from 'node:net';
import { type ConnectionOptions, checkServerIdentity, connect, TLSSocket } from 'node:tls';
import type { NegotiateCheck } from '../config/check-model.ts';
import type { TlsSettings } from '../config/check-target.ts';
import { errorCode, isLocalTrouble, oneLine } from './reason.ts';
import { trustOf } from './tls-trust.ts';

/** What a check has to say about TLS. */
export interface TlsWish {
  readonly settings: TlsSettings;
  /** The name that verify=full wants to see where `sni` is empty. */
  readonly expectedName: string;
}

/** What ldirectord has for https: a trusted chain, no name, no server name indication. */
const usualTls: TlsSettings = { verify: 'ca', sni: '', certWarnDays: 0 };

/** What a check says about TLS, whether it uses it from the start or not. */
export function tlsWish({ tls, virtualhost, target }: NegotiateCheck): TlsWish {
  const expectedName = virtualhost === '' ? target.address : virtualhost;
  return { settings: tls ?? usualTls, expectedName };
}

/**
 * Begins a TLS connection. By default the chain is verified and the name is not, as ldirectord has
 * it since LWP 6: real servers are asked by address, and their certificate carries the name of the
 * service.
 *
 * @throws Error when a file of the settings cannot be read.
 */
export function connectTls(to: TcpNetConnectOpts, wish: TlsWish): TLSSocket {
  return connect({ ...to, ...tlsOptions(wish) });
}

/**
 * The options of node:tls for a check, without where to connect.
 *
 * @throws Error when a file of the settings cannot be read.
 */
export function tlsOptions({ settings, expectedName }: TlsWish): ConnectionOptions {
  const { verify, sni } = settings;
  const name = sni === '' ? expectedName : sni;
  return {
    servername: sni,
    secureContext: trustOf(settings),
    rejectUnauthorized: verify !== 'none',
    checkServerIdentity: (_host, certificate) =>
      verify === 'full' ? checkServerIdentity(name, certificate) : undefined,
  };
}

const dayMs = 24 * 60 * 60 * 1000;

/**
 * What is to be said about the end of the server's certificate.
 *
 * @returns `certificate ends in 9 days`, or undefined when the end is far or none was shown.
 */
export function certificateWarning(
  socket: Socket | null,
  { certWarnDays }: TlsSettings,
  now: Date,
): string | undefined {
  if (certWarnDays === 0 || !(socket instanceof TLSSocket)) return undefined;
  const leftMs = Date.parse(socket.getPeerCertificate().valid_to) - now.getTime();
  if (Number.isNaN(leftMs) || leftMs > certWarnDays * dayMs) return undefined;
  if (leftMs < 0) return 'certificate has expired';
  const days = Math.floor(leftMs / dayMs);
  return `certificate ends in ${days} ${days === 1 ? 'day' : 'days'}`;
}

/**
 * What went wrong in TLS itself, as one line.
 *
 * @returns undefined when the trouble was another one, or when it was no TLS connection.
 */
export function tlsFault(error: Error, socket: Socket): string | undefined {
  if (!(socket instanceof TLSSocket)) return undefined;
  const code = errorCode(error);
  // It is set, to the code of what was found, also where nobody minds.
  const refused: unknown = socket.authorizationError;
  if (code !== undefined && code === refused) {
    return `certificate not trusted: ${oneLine(error.message)}`;
  }
  if (code !== 'EPROTO' && !code?.startsWith('ERR_SSL_')) return undefined;
  // OpenSSL's own form, error:CODE:LIBRARY:FUNCTION:REASON:..., of which the reason says it all.
  const reason = /:SSL routines:[^:]*:([^:]+)/.exec(error.message)?.[1];
  return `TLS handshake failed: ${oneLine(reason ?? error.message)}`;
}

/** The error, or what went wrong in TLS; keeps one whose code says that the trouble is this machine's. */
export function explained(error: Error, socket: Socket): Error {
  const fault = isLocalTrouble(error) ? undefined : tlsFault(error, socket);
  return fault === undefined ? error : new Error(fault, { cause: error });
}
