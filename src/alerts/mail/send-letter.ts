import type { Logger } from 'pino';
import type { Config } from '../../config/model.ts';
import type { RunCommand } from '../run-command.ts';
import { compose, type Message } from './compose.ts';
import { MailError, type SendLetter } from './outbox.ts';

/** The interface of every local mail system (LSB 5.0, Core, sendmail). */
const sendmail = '/usr/sbin/sendmail';

export interface SenderParts {
  readonly run: RunCommand;
  readonly log: Logger;
  /** Name of this machine, for the mail server. */
  readonly host: string;
  /** Sender of letters that name none. */
  readonly defaultFrom: string;
}

/** Sends letters by a mail server, or by the local mail system. */
export function letterSender({ run, log, host, defaultFrom }: SenderParts): SendLetter {
  return async (letter, route, signal) => {
    const message = await compose(letter, defaultFrom);
    if (route.kind === 'sendmail') return sendLocally(message, run, signal);
    const { sendBySmtp } = await import('./smtp.ts');
    const rejected = await sendBySmtp(message, route, host, signal);
    for (const recipient of rejected) {
      log.error(`emailalert: ${route.host} refuses the recipient ${recipient}`);
    }
  };
}

/** Loads what a file's mails need, ahead of the first; for the reason that `prepareChecks` has. */
export async function prepareLetters({ virtuals }: Config): Promise<void> {
  if (virtuals.every(({ emailAlert }) => emailAlert.recipients.length === 0)) return;
  await Promise.allSettled([
    import('./smtp.ts'),
    import('nodemailer/lib/mail-composer'),
    import('nodemailer/lib/smtp-connection'),
  ]);
}

async function sendLocally(message: Message, run: RunCommand, signal: AbortSignal): Promise<void> {
  const argv = [sendmail, '-i', '-f', message.from, '--', ...message.recipients];
  const input = message.content.toString('utf8').replaceAll('\r\n', '\n');
  const problem = await run(argv, { signal, input });
  if (problem !== undefined) throw new MailError(problem, false);
}
