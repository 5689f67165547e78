import type { DnsQueryCheck } from '../config/block-checks.ts';
import type { Check, CheckOutcome } from './check.ts';
import { askByDatagram, everySecond } from './datagram.ts';
import { type DnsHeader, dnsHeader, dnsQuery } from './dns-message.ts';

/**
 * The check of `check = dns`, as DNS_CHECK of keepalived has it: asks one question over UDP, with
 * recursion desired. Up when the answer carries no error code; whether it has records is not looked
 * at, nor whether it was cut short. Messages with another id are passed over. The question is asked
 * again every second, since datagrams get lost.
 */
export const checkDnsQuery: Check<DnsQueryCheck> = (definition, { signal }) => {
  const { target, queryType, name, timeoutMs } = definition;
  signal.throwIfAborted();
  const query = dnsQuery(queryType, name);
  return askByDatagram({
    target,
    request: () => query.message,
    resendAfterMs: everySecond(timeoutMs),
    read: (datagram) => {
      const header = dnsHeader(datagram);
      return header?.id === query.id ? judge(header) : undefined;
    },
    signal,
  });
};

function judge({ isResponse, code }: DnsHeader): CheckOutcome {
  if (!isResponse) return { up: false, reason: 'the answer is not one to the question' };
  return { up: code === 'NOERROR', reason: code };
}
