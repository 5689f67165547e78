import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { NegotiateCheck } from '../config/check-model.ts';
import { matchesBytes } from '../config/receive.ts';
import { type Check, type CheckOutcome, withWarning } from './check.ts';
import { discard, ExchangeError, exchange, readBody } from './http-exchange.ts';
import { firstHop, redirectHop } from './http-hop.ts';
import { oneLine } from './reason.ts';
import { type ReceiveSearch, receiveSearch } from './receive-search.ts';
import { certificateWarning, tlsWish } from './tls-connection.ts';

/** As libwww-perl has it (LWP::UserAgent, max_redirect), and ldirectord with it. */
const maxRedirects = 7;

const redirectCodes: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** How much of a page `receive` is looked for in. */
const bodyLimit = 1024 * 1024;

/**
 * The check of the services http, https and http_proxy: one request on a connection of its own, redirects
 * followed. Up when the final status is 2xx and the body, as bytes, matches `receive`. Without
 * `receive` the headers decide and the body is not waited for.
 *
 * @param userAgent value of the User-Agent header.
 */
export function httpCheck(userAgent: string): Check<NegotiateCheck> {
  return async (definition, { signal }) => {
    const expression = definition.receive === '' ? undefined : receiveSearch(definition.receive);
    let hop = firstHop(definition);
    const tls = tlsWish(definition);
    const { from } = definition.target;
    for (let redirects = 0; ; redirects++) {
      let answer: IncomingMessage;
      try {
        answer = await exchange({
          hop,
          method: definition.httpMethod,
          userAgent,
          tls,
          from,
          signal,
        });
      } catch (error) {
        if (error instanceof ExchangeError) return down(error.message);
        throw error;
      }
      const { location } = answer.headers;
      if (location === undefined || !redirectCodes.has(answer.statusCode ?? 0)) {
        const warning = certificateWarning(answer.socket, tls.settings, new Date());
        return withWarning(await judge(answer, expression), warning);
      }
      discard(answer);
      if (redirects === maxRedirects) {
        return down(`${statusLine(answer)}, more than ${maxRedirects} redirects`);
      }
      const next = redirectHop(definition, hop, location);
      if (next === undefined) {
        return down(`${statusLine(answer)}, cannot follow "${oneLine(location)}"`);
      }
      hop = next;
    }
  };
}

async function judge(
  answer: IncomingMessage,
  expression: ReceiveSearch | undefined,
): Promise<CheckOutcome> {
  const status = statusLine(answer);
  const good = Math.trunc((answer.statusCode ?? 0) / 100) === 2;
  if (!good || expression === undefined) {
    discard(answer);
    return { up: good, reason: status };
  }
  const body = await readBody(answer, bodyLimit);
  if (matchesBytes(expression, body.bytes)) return { up: true, reason: status };
  return down(`${status}, but "receive" does not match${remarks[body.cut ?? 'whole']}`);
}

const remarks = {
  whole: '',
  limit: ` in the first ${bodyLimit} bytes`,
  'ended early': ', and the answer ended early',
} as const;

function statusLine(answer: IncomingMessage): string {
  const code = answer.statusCode ?? 0;
  return oneLine(`${code} ${answer.statusMessage || (STATUS_CODES[code] ?? '')}`);
}

function down(reason: string): CheckOutcome {
  return { up: false, reason };
}
