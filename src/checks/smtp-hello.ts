import type { SmtpHelloCheck } from '../config/block-checks.ts';
import type { Check, CheckOutcome } from './check.ts';
import { Dialogue } from './dialogue.ts';
import { smtpReply } from './greeting.ts';
import { lineText } from './line-text.ts';
import { oneLine } from './reason.ts';

/**
 * The check of `check = smtp`, as SMTP_CHECK of keepalived has it: up when the server greets with
 * 220, answers HELO with 250, and QUIT with anything. Replies may have several lines (RFC 5321,
 * 4.2.1), at which keepalived fails.
 */
export const checkSmtpHello: Check<SmtpHelloCheck> = async (definition, { signal }) => {
  const hello = `HELO ${lineText('helo', definition.heloName)}`;
  const dialogue = Dialogue.open(definition.target, signal);
  try {
    const greeting = await smtpReply(dialogue);
    if (!hasCode(greeting, '220')) return unexpected('greeting', greeting);
    dialogue.send(`${hello}\r\n`);
    const answer = await smtpReply(dialogue);
    if (!hasCode(answer, '250')) return unexpected('HELO', answer);
    dialogue.send('QUIT\r\n');
    const goodbye = await dialogue.line();
    if (goodbye === undefined) return unexpected('QUIT', goodbye);
    return { up: true, reason: oneLine(greeting) };
  } finally {
    dialogue.close();
  }
};

/** Three digits, and a blank or the end behind them. */
function hasCode(line: string | undefined, code: string): line is string {
  return line !== undefined && /^\d{3}(?=\s|$)/.exec(line)?.[0] === code;
}

function unexpected(what: string, line: string | undefined): CheckOutcome {
  const said = line === undefined ? 'connection closed without an answer' : oneLine(line);
  return { up: false, reason: `${what}: ${said || 'an empty answer'}` };
}
