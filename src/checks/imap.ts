import type { NegotiateCheck } from '../config/check-model.ts';
import { type Check, withWarning } from './check.ts';
import { Dialogue } from './dialogue.ts';
import { lineText } from './line-text.ts';
import { oneLine } from './reason.ts';
import { tlsWish } from './tls-connection.ts';

/**
 * The check of imap and imaps (RFC 3501): up when the server greets with OK or PREAUTH and, if there
 * is a login, accepts it with LOGIN. Ends with LOGOUT. No mailbox is selected and nothing expunged,
 * which ldirectord does, and the port is the one of the check over IPv4 as well.
 */
export const checkImap: Check<NegotiateCheck> = async (definition, { signal }) => {
  const login = lineText('login', definition.login);
  const passwd = lineText('passwd', definition.passwd);
  const { settings } = tlsWish(definition);
  const dialogue = Dialogue.open(definition.target, signal, {
    tls: definition.service === 'imaps' ? tlsWish(definition) : undefined,
  });
  try {
    const greeting = await dialogue.answer();
    if (!/^\* (OK|PREAUTH)\b/i.test(greeting)) return { up: false, reason: oneLine(greeting) };
    // Who is known already must not log in again (7.1.4).
    const isKnown = /^\* PREAUTH/i.test(greeting);
    const answer = login === '' || isKnown ? 'OK' : await logIn(dialogue, login, passwd);
    dialogue.send('a2 LOGOUT\r\n');
    if (/^OK\b/i.test(answer)) {
      const warning = dialogue.certificateWarning(settings);
      return withWarning({ up: true, reason: oneLine(greeting) }, warning);
    }
    return { up: false, reason: oneLine(`login refused: ${answer}`) };
  } finally {
    dialogue.close();
  }
};

/** Returns what the server says to it: `OK ...`, `NO ...`, `BAD ...` or `* BYE ...`. */
async function logIn(dialogue: Dialogue, login: string, passwd: string): Promise<string> {
  const [first = '', ...rest] = `a1 LOGIN ${astring(login)} ${astring(passwd)}\r\n`.split(
    beforeLiteral,
  );
  dialogue.send(first);
  for (const literal of rest) {
    const answer = await answerToLogin(dialogue);
    if (!answer.startsWith('+')) return answer;
    dialogue.send(literal);
  }
  return answerToLogin(dialogue);
}

/** A literal may be sent only when the server has asked for it by a line with "+" (7.5). */
const beforeLiteral = /(?<=\{\d+\}\r\n)/;

/** Quoted if it can be; a quoted string has no bytes above 127 (9, "quoted"). */
function astring(text: string): string {
  if (/^\p{ASCII}*$/u.test(text)) return `"${text.replace(/["\\]/g, '\\$&')}"`;
  return `{${text.length}}\r\n${text}`;
}

async function answerToLogin(dialogue: Dialogue): Promise<string> {
  for (;;) {
    const line = await dialogue.answer();
    if (line.startsWith('+') || /^\* BYE\b/i.test(line)) return line;
    if (line.startsWith('a1 ')) return line.slice('a1 '.length);
  }
}
