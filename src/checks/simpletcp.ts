import type { NegotiateCheck } from '../config/check-model.ts';
import type { Check, CheckOutcome } from './check.ts';
import { askByDatagram } from './datagram.ts';
import { Dialogue } from './dialogue.ts';
import { receiveSearch } from './receive-search.ts';

/**
 * The check of simpletcp: sends the request without its leading "/", with the two characters `\n`
 * as a newline, and reads lines. Up when one of them matches `receive`, or when there is any line
 * and no `receive`. Over TCP the write side is closed after the request; over UDP (protocol=udp) the
 * request is one datagram, and every datagram that comes back is searched.
 */
export const checkSimpleTcp: Check<NegotiateCheck> = (definition, { signal }) => {
  signal.throwIfAborted();
  const expression = receiveSearch(definition.receive);
  // Perl wrote the bytes of the file; here they are UTF-8.
  const text = definition.request.replace(/^\//, '').replaceAll('\\n', '\n');
  const request = Buffer.from(text, 'utf8');
  const ask = definition.protocol === 'udp' ? askUdp : askTcp;
  return ask(definition, request, (line) => expression.test(line), signal);
};

type Ask = (
  definition: NegotiateCheck,
  request: Buffer,
  isWanted: (line: string) => boolean,
  signal: AbortSignal,
) => Promise<CheckOutcome>;

const askTcp: Ask = async ({ target }, request, isWanted, signal) => {
  const dialogue = Dialogue.open(target, signal);
  try {
    dialogue.send(request.toString('latin1'));
    dialogue.finishSending();
    let lines = 0;
    for (let line = await dialogue.line(); line !== undefined; line = await dialogue.line()) {
      if (isWanted(line)) return matched;
      lines += 1;
    }
    if (lines === 0) return { up: false, reason: 'connection closed without an answer' };
    return { up: false, reason: 'answered, but "receive" does not match' };
  } finally {
    dialogue.close();
  }
};

const askUdp: Ask = ({ target }, request, isWanted, signal) =>
  askByDatagram({
    target,
    request: () => request,
    read: (datagram) => {
      const lines = datagram.toString('latin1').split(/(?<=\n)/);
      return lines.some(isWanted) ? matched : undefined;
    },
    signal,
  });

const matched: CheckOutcome = { up: true, reason: 'answered as expected' };
