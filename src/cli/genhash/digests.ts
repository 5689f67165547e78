import type { Page } from '../../checks/http-get/page.ts';
import { fetchPage } from '../../checks/http-get/page.ts';
import {
  cutShort,
  isGoodStatus,
  rangesText,
  statusText,
  usualStatuses,
} from '../../checks/http-get/verdict.ts';
import { describeError } from '../../checks/reason.ts';
import type { HttpUrl } from '../../config/block-checks.ts';
import { exitCodes } from '../exit-codes.ts';
import { checkLines } from './check-lines.ts';
import { fetchOf, findServer, type Server } from './fetch-of.ts';
import { complain, type GenhashIo } from './io.ts';
import type { GenhashOptions } from './options.ts';
import { verboseDigest, verboseSink, verboseTime } from './verbose.ts';

/**
 * Prints the digest of each page: by itself when there is one, with its path after it as md5sum(1) does when there
 * are several. Failures and remarks go to stderr; a failed page does not keep others from being fetched.
 */
export async function digestPages(options: GenhashOptions, io: GenhashIo): Promise<number> {
  const server = await findServer(options);
  const found: { readonly path: string; readonly page: Page }[] = [];
  for (const path of options.paths) {
    const page = await digestPage(server, options, path, io);
    if (page !== undefined) found.push({ path, page });
  }
  if (options.output === 'lines' && found.length > 0) io.out(checkLines(options, found));
  return found.length === options.paths.length ? exitCodes.ok : exitCodes.failure;
}

/** @returns undefined after a failure, which has been told. */
async function digestPage(
  server: Server,
  options: GenhashOptions,
  path: string,
  io: GenhashIo,
): Promise<Page | undefined> {
  const { algorithm, verbose, statuses, paths } = options;
  const begin = performance.now();
  const sink = verbose ? verboseSink(io) : undefined;
  try {
    const page = await fetchPage(fetchOf(server, options, path), { algorithm, keep: 0 }, sink);
    if (statuses !== undefined && !isGoodStatus(page.status, statuses)) {
      complain(io, path, `${statusText(page)}, expected ${rangesText(statuses)}`);
      return undefined;
    }
    if (verbose) {
      io.out(verboseDigest(page.digest, page.digest));
      io.out(verboseTime(path, Math.round((performance.now() - begin) * 1000)));
    } else if (options.output === 'digest') {
      io.out(paths.length === 1 ? `${page.digest}\n` : `${page.digest}  ${path}\n`);
    }
    for (const remark of remarks(page, statuses)) complain(io, path, `warning: ${remark}`);
    return page;
  } catch (error) {
    complain(io, path, describeError(error));
    return undefined;
  }
}

/** What is to be known about a page besides its digest. */
function remarks(page: Page, statuses: HttpUrl['statuses'] | undefined): readonly string[] {
  const short = cutShort(page);
  const odd = statuses === undefined && !isGoodStatus(page.status, usualStatuses);
  return [
    ...(odd ? [`${statusText(page)}: a check needs "status = ${page.status}" for it`] : []),
    ...(short === undefined ? [] : [short]),
  ];
}
