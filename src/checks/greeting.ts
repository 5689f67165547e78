import type { NegotiateCheck } from '../config/check-model.ts';
import type { Check, CheckOutcome } from './check.ts';
import { Dialogue } from './dialogue.ts';
import { oneLine } from './reason.ts';

/**
 * The check of smtp and submission (RFC 5321): up when the server greets with 2xx and accepts EHLO,
 * or HELO after it has refused EHLO. Ends with QUIT.
 */
export const checkSmtp: Check<NegotiateCheck> = async (definition, { signal }) => {
  const dialogue = Dialogue.open(definition.target, signal);
  try {
    const greeting = await smtpReply(dialogue);
    if (!isGood(greeting)) return outcomeOf(greeting);
    for (const hello of ['EHLO', 'HELO']) {
      dialogue.send(`${hello} localhost.localdomain\r\n`);
      const answer = await smtpReply(dialogue);
      if (!isGood(answer) && hello === 'EHLO' && answer !== undefined) continue;
      if (answer !== undefined) dialogue.send('QUIT\r\n');
      return outcomeOf(isGood(answer) ? greeting : answer);
    }
    return outcomeOf(undefined);
  } finally {
    dialogue.close();
  }
};

/** The check of nntp (RFC 3977, 5.1): up when the server greets with 2xx. */
export const checkNntp: Check<NegotiateCheck> = async (definition, { signal }) => {
  const dialogue = Dialogue.open(definition.target, signal);
  try {
    return outcomeOf(await dialogue.line());
  } finally {
    dialogue.close();
  }
};

/** The last line of a reply, or undefined at its end: the one without "-" after its code (RFC 5321, 4.2.1). */
export async function smtpReply(dialogue: Dialogue): Promise<string | undefined> {
  for (;;) {
    const line = await dialogue.line();
    if (line === undefined || !/^\d{3}-/.test(line)) return line;
  }
}

function isGood(line: string | undefined): boolean {
  return line?.startsWith('2') ?? false;
}

function outcomeOf(line: string | undefined): CheckOutcome {
  const reason = line === undefined ? 'connection closed without an answer' : oneLine(line);
  return { up: isGood(line), reason };
}
