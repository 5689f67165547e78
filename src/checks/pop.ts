import type { NegotiateCheck } from '../config/check-model.ts';
import { type Check, withWarning } from './check.ts';
import { Dialogue } from './dialogue.ts';
import { lineText } from './line-text.ts';
import { logInToPop } from './pop-login.ts';
import { oneLine } from './reason.ts';
import { tlsWish } from './tls-connection.ts';

/**
 * The check of pop and pops (RFC 1939): up when the server greets with +OK and, if there is a login,
 * accepts it and answers STAT. Without a login the greeting is enough; there ldirectord is up even
 * when nothing listens. Ends with QUIT.
 */
export const checkPop: Check<NegotiateCheck> = async (definition, { signal }) => {
  const login = lineText('login', definition.login);
  const passwd = lineText('passwd', definition.passwd);
  const { settings } = tlsWish(definition);
  const dialogue = Dialogue.open(definition.target, signal, {
    tls: definition.service === 'pops' ? tlsWish(definition) : undefined,
  });
  try {
    const greeting = await dialogue.answer();
    if (!greeting.startsWith('+OK')) return { up: false, reason: oneLine(greeting) };
    if (login !== '') {
      const refusal = await logInToPop(dialogue, greeting, { login, passwd });
      if (refusal !== undefined) {
        dialogue.send('QUIT\r\n');
        return { up: false, reason: oneLine(`login refused: ${refusal}`) };
      }
      dialogue.send('STAT\r\n');
      const answer = await dialogue.answer();
      if (!answer.startsWith('+OK'))
        return { up: false, reason: oneLine(`STAT refused: ${answer}`) };
    }
    dialogue.send('QUIT\r\n');
    const warning = dialogue.certificateWarning(settings);
    return withWarning({ up: true, reason: oneLine(greeting) }, warning);
  } finally {
    dialogue.close();
  }
};
