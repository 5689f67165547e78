import { isIP } from 'node:net';
import type { NegotiateCheck } from '../config/check-model.ts';

/** One request of an HTTP check: where to connect, and what to ask there. */
export interface Hop {
  readonly tls: boolean;
  /** Address or name, IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
  /** Name for the TLS server name indication; "" sends none. */
  readonly serverName: string;
  /** What stands in the request line between method and version. */
  readonly requestTarget: string;
  /** The Host header. */
  readonly hostHeader: string;
  /** What a relative Location is relative to. */
  readonly url: URL;
}

/**
 * The first request of a check. URLs are built as ldirectord builds them: `scheme://RIP:port/` and
 * the request. A request that is an absolute URL (without "/" before it) goes where it says and
 * keeps the Host of the check. With `service=http_proxy` the server is asked for the absolute URL.
 *
 * @throws TypeError when the request makes no URL.
 */
export function firstHop(definition: NegotiateCheck): Hop {
  const { target, service, request, virtualhost } = definition;
  if (service === 'http_proxy') return proxyHop(definition, parseProxied(request));
  const scheme = service === 'https' ? 'https' : 'http';
  const bareHost = bracketed(target.address);
  const hostHeader = virtualhost === '' ? bareHost : virtualhost;
  if (/^https?:\/\//i.test(request)) {
    return { ...directHop(new URL(escapeUrl(request))), hostHeader };
  }
  const requestTarget = escapeUrl(request.startsWith('/') ? request : `/${request}`);
  return {
    tls: service === 'https',
    host: target.address,
    port: target.port,
    serverName: '',
    requestTarget,
    hostHeader,
    url: new URL(`${scheme}://${bareHost}:${target.port}${requestTarget}`),
  };
}

/**
 * Where a redirect leads. The Host of the check is dropped: from here on the URL decides.
 *
 * @param location the Location header, absolute or relative.
 * @returns undefined when it is not a http or https URL.
 */
export function redirectHop(
  definition: NegotiateCheck,
  from: Hop,
  location: string,
): Hop | undefined {
  // Node reads header bytes as latin1; servers write UTF-8 there.
  const text = Buffer.from(location, 'latin1').toString('utf8');
  const url = URL.canParse(text, from.url.href) ? new URL(text, from.url.href) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') return undefined;
  const throughProxy = definition.service === 'http_proxy' && url.protocol === 'http:';
  return throughProxy ? proxyHop(definition, url) : directHop(url);
}

function directHop(url: URL): Hop {
  const tls = url.protocol === 'https:';
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  return {
    tls,
    host,
    port: url.port === '' ? (tls ? 443 : 80) : Number(url.port),
    serverName: isIP(host) === 0 ? host : '',
    requestTarget: escapeUrl(`${url.pathname}${url.search}`),
    hostHeader: url.host,
    url,
  };
}

function proxyHop({ target }: NegotiateCheck, url: URL): Hop {
  const requestTarget = escapeUrl(`${url.origin}${url.pathname}${url.search}`);
  return {
    tls: false,
    host: target.address,
    port: target.port,
    serverName: '',
    requestTarget,
    hostHeader: url.host,
    url,
  };
}

function parseProxied(request: string): URL {
  const text = request.replace(/^\//, '');
  if (!/^http:\/\//i.test(text)) {
    throw new TypeError(`request: expected an absolute http:// URL for a proxy, got "${text}"`);
  }
  return new URL(escapeUrl(text));
}

function bracketed(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}

/** Percent-encodes what RFC 3986 does not allow in a URL, as UTF-8; what is encoded stays so. */
function escapeUrl(text: string): string {
  return text.replace(/#.*$/s, '').replace(/[^!$%&'()*+,\-./0-9:;=?@A-Z[\]_a-z~]/gu, percentEncode);
}

function percentEncode(character: string): string {
  return [...Buffer.from(character, 'utf8')]
    .map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`)
    .join('');
}
