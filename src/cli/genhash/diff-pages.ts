import { setTimeout as sleep } from 'node:timers/promises';
import { fetchPage, type Page } from '../../checks/http-get/page.ts';
import { statusText } from '../../checks/http-get/verdict.ts';
import { describeError } from '../../checks/reason.ts';
import { exitCodes } from '../exit-codes.ts';
import { byteDiff, type Difference, type Range } from './byte-diff.ts';
import { constantText } from './constant-text.ts';
import { fetchOf, findServer, type Server } from './fetch-of.ts';
import { complain, type GenhashIo } from './io.ts';
import type { GenhashOptions } from './options.ts';

/** A page changed between two requests; as `ipvsd plan` says that there is something. */
const changes = 2;

/** Long enough for a clock with seconds on the page to be seen. */
const pauseMs = 1100;

/** Bytes of a body that are compared. */
const compareLimit = 4 * 1024 * 1024;

const shownDifferences = 10;
/** Bytes shown before and after a difference, and of the difference itself. */
const contextBytes = 24;
const longestShown = 60;

/**
 * Fetches each page twice and shows which bytes differ. A digest is of no use for a page that changes:
 * then a text that stands in both answers is proposed instead.
 */
export async function diffPages(options: GenhashOptions, io: GenhashIo): Promise<number> {
  const server = await findServer(options);
  let code: number = exitCodes.ok;
  for (const path of options.paths) {
    try {
      const first = await fetchWhole(server, options, path);
      await sleep(pauseMs);
      const second = await fetchWhole(server, options, path);
      const isSame = first.digest === second.digest;
      io.out(isSame ? sameText(path, first) : diffText(path, [first, second]));
      if (!isSame && code === exitCodes.ok) code = changes;
    } catch (error) {
      complain(io, path, describeError(error));
      code = exitCodes.failure;
    }
  }
  return code;
}

function fetchWhole(server: Server, options: GenhashOptions, path: string): Promise<Page> {
  const wish = { algorithm: options.algorithm, keep: compareLimit };
  return fetchPage(fetchOf(server, options, path), wish);
}

function sameText(path: string, page: Page): string {
  return (
    `${path}: ${statusText(page)}, ${page.bodyLength} bytes, twice the same\n` +
    `\tdigest = ${page.digest}\n`
  );
}

function diffText(path: string, [first, second]: readonly [Page, Page]): string {
  const found = byteDiff(first.body, second.body);
  if (found.length === 0) return `${path}: differs after the first ${compareLimit} bytes\n`;
  const places = found.length === 1 ? '1 place' : `${found.length} places`;
  const sizes = `${first.bodyLength} and ${second.bodyLength} bytes`;
  const states = [...new Set([statusText(first), statusText(second)])].join(' and ');
  const more = found.length - shownDifferences;
  return [
    `${path}: ${states}, ${sizes}, differ in ${places}\n`,
    ...found.slice(0, shownDifferences).map((one) => placeText(one, first.body, second.body)),
    more > 0 ? `  and ${more} more\n` : '',
    proposal(first.body, found),
  ].join('');
}

function placeText({ before, after }: Difference, first: Buffer, second: Buffer): string {
  return (
    `  first answer, ${rangeText(before)}:\n    ${excerpt(first, before)}\n` +
    `  second answer, ${rangeText(after)}:\n    ${excerpt(second, after)}\n`
  );
}

/** Offsets count from 0, the last one named is the last byte. */
function rangeText({ start, end }: Range): string {
  if (end === start) return `nothing at byte ${start}`;
  return end - start === 1 ? `byte ${start}` : `bytes ${start}-${end - 1}`;
}

/** The bytes between `>` and `<` signs of their own, with some context. */
function excerpt(bytes: Buffer, { start, end }: Range): string {
  const shown = Math.min(end, start + longestShown);
  const lead = visible(bytes.subarray(Math.max(0, start - contextBytes), start));
  const tail = visible(bytes.subarray(end, end + contextBytes));
  const cut = shown < end ? '...' : '';
  return `${lead}>>>${visible(bytes.subarray(start, shown))}${cut}<<<${tail}`;
}

/** One line of ASCII: what else there is, as escapes. */
function visible(bytes: Buffer): string {
  return bytes.toString('latin1').replace(/[^ -~]|\\/g, escaped);
}

function escaped(character: string): string {
  if (character === '\n') return '\\n';
  if (character === '\r') return '\\r';
  if (character === '\\') return '\\\\';
  return `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
}

function proposal(body: Buffer, found: readonly Difference[]): string {
  const text = constantText(
    body,
    found.map(({ before }) => before),
  );
  if (text === undefined) {
    return 'a digest cannot work here, and the two have no text in common: check the status alone\n';
  }
  return (
    'a digest cannot work here; this text is in both:\n' +
    `  in a check block: regex = "${text}"\n` +
    `  beside checktype = negotiate: receive = "${text}"\n`
  );
}
