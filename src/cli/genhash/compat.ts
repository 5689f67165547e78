import { createHash } from 'node:crypto';
import { FetchError, type FetchFailure } from '../../checks/http-get/fetch-error.ts';
import { fetchPage } from '../../checks/http-get/page.ts';
import { exitCodes } from '../exit-codes.ts';
import { fetchOf, findServer } from './fetch-of.ts';
import type { GenhashIo } from './io.ts';
import type { GenhashOptions } from './options.ts';
import { verboseDigest, verboseSink, verboseTime } from './verbose.ts';

/** What stands on stdout after a failure. */
const texts: Readonly<Record<Exclude<FetchFailure, 'closed' | 'header-too-long'>, string>> = {
  connect: 'Connection failed',
  unreachable: 'HTTP_CHECK - network unreachable',
  'connect-timeout': 'Timeout connecting',
  handshake: 'SSL handshake/communication error connecting to',
  'first-byte-timeout': 'Timeout WEB read',
  'read-timeout': 'Timeout HTTP read',
  'tls-read-timeout': 'Timeout SSL read',
  read: 'Read error with',
  'tls-read': 'SSL read error from',
  'tls-closed': 'SSL read error from',
};

/** Failures that are found when all has been read, so that there is a digest, of nothing. */
const late: ReadonlySet<FetchFailure> = new Set(['closed', 'header-too-long', 'tls-closed']);

/**
 * Fetches the page and behaves as keepalived's genhash: failures are told on stdout and exit 0, and
 * the answer is over when the server closes.
 */
export async function runAsKeepalived(options: GenhashOptions, io: GenhashIo): Promise<number> {
  const server = await findServer(options);
  const [path = ''] = options.paths;
  const { verbose, algorithm } = options;
  const begin = performance.now();
  const sink = verbose ? verboseSink(io) : undefined;
  const show = (digest: string, result: string): void =>
    io.out(verbose ? verboseDigest(digest, result) : result === '' ? '' : `${result}\n`);
  try {
    const { digest } = await fetchPage(
      fetchOf(server, options, path),
      { algorithm, keep: 0 },
      sink,
    );
    show(digest, digest);
  } catch (error) {
    if (!(error instanceof FetchError)) throw error;
    const { failure } = error;
    if (late.has(failure)) show(createHash(algorithm).digest('hex'), '');
    if (failure === 'closed' || failure === 'header-too-long') {
      io.err('no data received from remote webserver\n');
    } else {
      io.out(`${texts[failure]}\n`);
    }
  }
  if (verbose) io.out(verboseTime(path, Math.round((performance.now() - begin) * 1000)));
  return exitCodes.ok;
}
