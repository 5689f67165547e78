import { randomBytes } from 'node:crypto';
import { isIPv6 } from 'node:net';
import type { NegotiateCheck } from '../config/check-model.ts';
import type { Check, CheckOutcome } from './check.ts';
import { askByDatagram } from './datagram.ts';
import { Dialogue } from './dialogue.ts';
import { lineText } from './line-text.ts';
import { oneLine } from './reason.ts';

/**
 * Pauses between the copies of a request that is lost on its way: doubled from T1 to T2, then T2
 * (RFC 3261, 17.1.2.2), for as long as a transaction lasts.
 */
const resendAfterMs = [500, 1000, 2000, 4000, 4000, 4000, 4000, 4000, 4000, 4000];

/**
 * The check of sip (RFC 3261): asks with OPTIONS, over UDP or TCP as the virtual server has it. Up
 * when the final answer begins with `SIP/2.0 200`; its other lines are not waited for.
 * Provisional answers are passed over. Without a login the server itself is asked: `sip:ADDRESS`.
 */
export const checkSip: Check<NegotiateCheck> = (definition, { signal }) => {
  const { target, login } = definition;
  const uri = `sip:${lineText('login', login === '' ? bracketed(target.address) : login)}`;
  return definition.protocol === 'udp'
    ? askUdp(definition, uri, signal)
    : askTcp(definition, uri, signal);
};

function askUdp(
  { target }: NegotiateCheck,
  uri: string,
  signal: AbortSignal,
): Promise<CheckOutcome> {
  return askByDatagram({
    target,
    request: (local) => Buffer.from(optionsRequest('UDP', uri, local), 'latin1'),
    resendAfterMs,
    read: (datagram) => judge(datagram.toString('latin1').split('\n', 1)[0] ?? ''),
    signal,
  });
}

async function askTcp(
  { target }: NegotiateCheck,
  uri: string,
  signal: AbortSignal,
): Promise<CheckOutcome> {
  const dialogue = Dialogue.open(target, signal);
  try {
    dialogue.send(optionsRequest('TCP', uri, await dialogue.connected()));
    for (;;) {
      const outcome = judge(await dialogue.answer());
      if (outcome !== undefined) return outcome;
      // The rest of what was no final answer ends with an empty line.
      while ((await dialogue.answer()) !== '');
    }
  } finally {
    dialogue.close();
  }
}

/** What the first line of an answer says; undefined when the final one is still to come. */
function judge(line: string): CheckOutcome | undefined {
  if (/^SIP\/2\.0 1\d\d\b/i.test(line)) return undefined;
  return { up: /^SIP\/2\.0 200\b/i.test(line), reason: oneLine(line) || 'an empty answer' };
}

/** A request outside of any dialogue (RFC 3261, 11.1), in the words that ldirectord has. */
function optionsRequest(
  transport: 'TCP' | 'UDP',
  uri: string,
  local: { readonly address: string; readonly port: number },
): string {
  const lines = [
    `OPTIONS ${uri} SIP/2.0`,
    // Random per request, behind the mark of RFC 3261 (8.1.1.7).
    `Via: SIP/2.0/${transport} ${bracketed(local.address)}:${local.port};branch=z9hG4bK${token()}`,
    'Max-Forwards: 70',
    `To: <${uri}>`,
    `From: <${uri}>;tag=${token()}`,
    `Call-ID: ${token()}`,
    'CSeq: 63104 OPTIONS',
    `Contact: <${uri}>`,
    'Accept: application/sdp',
    'Content-Length: 0',
  ];
  return `${lines.join('\r\n')}\r\n\r\n`;
}

function token(): string {
  return randomBytes(8).toString('hex');
}

function bracketed(address: string): string {
  return isIPv6(address) ? `[${address}]` : address;
}
