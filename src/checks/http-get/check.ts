import type { HttpGetCheck, HttpUrl } from '../../config/block-checks.ts';
import type { CheckContext, CheckOutcome } from '../check.ts';
import { receiveSearch } from '../receive-search.ts';
import type { TlsWish } from '../tls-connection.ts';
import { FetchError } from './fetch-error.ts';
import { fetchPage } from './page.ts';
import { addressHost, requestBytes } from './request.ts';
import { judgePage, regexLimit } from './verdict.ts';

/**
 * The check `http` and `https` of a check block, keepalived's HTTP_GET and SSL_GET: one GET request
 * for each url, in their order, each over a connection of its own; up when all answers are good.
 *
 * On purpose other than in keepalived: all urls are asked in every run, not one a run; one deadline
 * holds for all of it, so that a server that drips bytes cannot keep a check open; the answer is
 * over when the content length is reached, even if the server keeps the connection open or resets
 * it then; a reset before that is a failure over TLS too; and `judgePage` says how a page is judged.
 */
export async function checkHttpGet(
  definition: HttpGetCheck,
  { signal }: CheckContext,
): Promise<CheckOutcome> {
  const several = definition.urls.length > 1;
  const warnings = new Set<string>();
  let reason = 'no url to ask for';
  for (const url of definition.urls) {
    const outcome = await checkUrl(definition, url, signal);
    reason = several ? `${url.path}: ${outcome.reason}` : outcome.reason;
    if (!outcome.up) return { ...outcome, reason };
    if (outcome.warning !== undefined) warnings.add(outcome.warning);
  }
  if (several) reason = `${definition.urls.length} urls good`;
  const [warning] = warnings;
  return {
    up: several || definition.urls.length === 1,
    reason,
    ...(warning !== undefined && { warning }),
  };
}

async function checkUrl(
  definition: HttpGetCheck,
  url: HttpUrl,
  signal: AbortSignal,
): Promise<CheckOutcome> {
  const { target, protocol } = definition;
  const { path, digest } = url;
  const search = url.regex === '' ? undefined : receiveSearch(url.regex);
  const host = url.host === '' ? addressHost(target) : url.host;
  const request = requestBytes({ protocol, path, host });
  const wish = { algorithm: digest?.algorithm, keep: search === undefined ? 0 : regexLimit };
  try {
    const page = await fetchPage({ target, tls: tlsOf(definition, url), request, signal }, wish);
    return judgePage(url, page, search);
  } catch (error) {
    if (error instanceof FetchError) return { up: false, reason: error.message };
    throw error;
  }
}

/** The name that verify=full wants to see: the one in the request, without a port. */
function tlsOf({ tls, target }: HttpGetCheck, { host }: HttpUrl): TlsWish | undefined {
  if (tls === undefined) return undefined;
  const name = host.replace(/:\d+$/, '');
  return { settings: tls, expectedName: name === '' ? target.address : name };
}
