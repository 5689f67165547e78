import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { Fetch } from '../../checks/http-get/fetch.ts';
import { addressHost, requestBytes } from '../../checks/http-get/request.ts';
import { describeError } from '../../checks/reason.ts';
import type { TlsSettings } from '../../config/check-target.ts';
import { CliError } from '../cli-error.ts';
import { exitCodes } from '../exit-codes.ts';
import type { GenhashOptions } from './options.ts';

/** What is the same for all pages of a call. */
export type Server = Pick<Fetch, 'target' | 'tls' | 'signal' | 'limitMs' | 'asKeepalived'>;

/**
 * The server that the options name. A name stands for its first address, as in a configuration
 * file; the Host header then has the address, as that of the check will have.
 *
 * @throws CliError when there is no such name.
 */
export async function findServer(options: GenhashOptions): Promise<Server> {
  const { server, port, timeoutMs, compat } = options;
  const address = isIP(server) === 0 ? await addressOf(server) : server;
  const family = isIP(address) === 6 ? 'inet6' : 'inet';
  return {
    target: { family, address, port },
    ...(options.tls && { tls: { settings: tlsSettings(options), expectedName: '' } }),
    signal: new AbortController().signal,
    limitMs: timeoutMs,
    asKeepalived: compat,
  };
}

/** The request for one page. */
export function fetchOf(server: Server, options: GenhashOptions, path: string): Fetch {
  const host = options.virtualhost ?? addressHost(server.target);
  return { ...server, request: requestBytes({ protocol: options.protocol, path, host }) };
}

/** Certificates are not looked at: the digest is that of whoever answers, as in keepalived. */
function tlsSettings({ sni, virtualhost = '' }: GenhashOptions): TlsSettings {
  // RFC 6066, section 3: literal addresses are not permitted there.
  const name = sni && isIP(virtualhost) === 0 ? virtualhost : '';
  return { verify: 'none', sni: name, certWarnDays: 0 };
}

async function addressOf(name: string): Promise<string> {
  try {
    return (await lookup(name)).address;
  } catch (error) {
    throw new CliError(`genhash: "${name}": ${describeError(error)}`, exitCodes.failure);
  }
}
