import type { UdpCheck, UdpReply } from '../config/block-checks.ts';
import type { Check, CheckOutcome } from './check.ts';
import { askByDatagram } from './datagram.ts';
import { withinLimit } from './within-limit.ts';

/**
 * The check of `check = udp`, as UDP_CHECK of keepalived has it: one datagram goes out. Where no
 * reply is required any reply is good, and so is silence until the timeout; only an ICMP error is
 * a failure. Where one is required, the first that comes decides, by its length and by how it
 * begins.
 */
export const checkUdp: Check<UdpCheck> = ({ target, payload, reply, timeoutMs }, { signal }) =>
  withinLimit<CheckOutcome>(
    timeoutMs,
    signal,
    (limited) =>
      askByDatagram({
        target,
        request: () => Buffer.from(payload, 'hex'),
        read: (datagram) => judge(datagram, reply),
        signal: limited,
      }),
    () =>
      reply === undefined
        ? { up: true, reason: `no error within ${timeoutMs} ms` }
        : { up: false, reason: `no answer within ${timeoutMs} ms` },
  );

function judge(datagram: Buffer, reply: UdpReply | undefined): CheckOutcome {
  const length = `${datagram.length} ${datagram.length === 1 ? 'byte' : 'bytes'}`;
  if (reply === undefined) return { up: true, reason: `answered with ${length}` };
  const { pattern, minLength, maxLength } = reply;
  if (datagram.length < minLength || datagram.length > maxLength) {
    const reason = `answered with ${length}, expected ${minLength} to ${maxLength}`;
    return { up: false, reason };
  }
  const hex = datagram.toString('hex');
  if (beginsWith(hex, pattern.toLowerCase())) {
    return { up: true, reason: `answered with ${length}` };
  }
  return { up: false, reason: `answered with ${shortened(hex)}, expected ${shortened(pattern)}` };
}

/** @param pattern hex digits in lower case, "x" for any. */
function beginsWith(hex: string, pattern: string): boolean {
  return (
    hex.length >= pattern.length &&
    Array.from(pattern).every((digit, i) => digit === 'x' || digit === hex[i])
  );
}

const longestHex = 64;

function shortened(hex: string): string {
  return hex.length > longestHex ? `${hex.slice(0, longestHex)}...` : hex;
}
