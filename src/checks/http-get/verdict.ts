import { STATUS_CODES } from 'node:http';
import type { HttpUrl } from '../../config/block-checks.ts';
import { matchesBytes } from '../../config/receive.ts';
import { type CheckOutcome, withWarning } from '../check.ts';
import { oneLine } from '../reason.ts';
import type { Page } from './page.ts';

/** How much of a body `regex` is looked for in. */
export const regexLimit = 1024 * 1024;

/** What a url of a check block counts as good when it says nothing. */
export const usualStatuses: HttpUrl['statuses'] = [[200, 299]];

/** A compiled `regex`. */
type Search = Parameters<typeof matchesBytes>[0];

/**
 * Judges one page, in keepalived's order: the status is in the set, the digest is equal, the regular
 * expression matches or does not, as wanted. A body that ends before its content length is no
 * failure by itself, as there, but a warning.
 *
 * Only the body is searched: keepalived searches the header as well when both come in one read.
 * And the digest is right beside an expression, which it is not in keepalived.
 *
 * @param search the compiled `regex` of the url, if it has one.
 */
export function judgePage(url: HttpUrl, page: Page, search: Search | undefined): CheckOutcome {
  const status = statusText(page);
  const fault = findFault(url, page, search);
  if (fault !== undefined) return { up: false, reason: `${status}, ${fault}` };
  return withWarning({ up: true, reason: status }, page.warning ?? cutShort(page));
}

/** "200 OK", or what the status line is when no status is to be read from it. */
export function statusText({ status, statusLine }: Page): string {
  if (status === 0) return `status line "${oneLine(statusLine)}"`;
  const words = statusLine.split(' ').slice(2).join(' ').trim();
  return oneLine(`${status} ${words || (STATUS_CODES[status] ?? '')}`);
}

/** Whether a status is in one of the closed ranges. */
export function isGoodStatus(status: number, ranges: HttpUrl['statuses']): boolean {
  return ranges.some(([first, last]) => status >= first && status <= last);
}

/** As the file has them: `200-299 404`. */
export function rangesText(ranges: HttpUrl['statuses']): string {
  return ranges.map(([first, last]) => (first === last ? first : `${first}-${last}`)).join(' ');
}

/** That the connection ended before the content length was reached, or undefined. */
export function cutShort({ bodyLength, contentLength }: Page): string | undefined {
  if (contentLength === undefined || bodyLength >= contentLength) return undefined;
  return `the body ended after ${bodyLength} of ${contentLength} bytes`;
}

function findFault(
  { statuses, digest, regex, regexNoMatch }: HttpUrl,
  page: Page,
  search: Search | undefined,
): string | undefined {
  if (page.status === 0) return 'expected three digits with a blank before and after them';
  if (!isGoodStatus(page.status, statuses)) return `expected ${rangesText(statuses)}`;
  if (digest !== undefined && page.digest !== digest.hex) {
    const name = digest.algorithm === 'md5' ? 'MD5' : 'SHA-256';
    const remark = cutShort(page);
    return `but the ${name} digest is ${page.digest}${remark === undefined ? '' : `, and ${remark}`}`;
  }
  if (search === undefined || regex === '') return undefined;
  const matches = matchesBytes(search, page.body);
  if (matches !== regexNoMatch) return undefined;
  const where = page.bodyLength > regexLimit ? ` in the first ${regexLimit} bytes` : '';
  return matches ? `but "regexnot" matches` : `but "regex" does not match${where}`;
}
