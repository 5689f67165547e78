import type { Letter } from './letter.ts';

/** A mail as it goes over the wire. */
export interface Message {
  readonly from: string;
  readonly recipients: readonly string[];
  /** Headers and text (RFC 5322). */
  readonly content: Buffer;
}

/**
 * Makes a mail of a letter, with Date and Message-ID, marked as written by a machine (RFC 3834).
 *
 * @param defaultFrom sender of letters that name none.
 * @throws Error when the sender is no mail address.
 */
export async function compose(letter: Letter, defaultFrom: string): Promise<Message> {
  const { default: MailComposer } = await import('nodemailer/lib/mail-composer');
  const mail = new MailComposer({
    from: letter.from ?? defaultFrom,
    to: [...letter.recipients],
    subject: letter.subject,
    text: letter.text,
    headers: { 'Auto-Submitted': 'auto-generated' },
    xMailer: false,
    disableFileAccess: true,
    disableUrlAccess: true,
  }).compile();
  const { from } = mail.getEnvelope();
  if (typeof from !== 'string' || from === '') {
    throw new Error(`sender: expected a mail address, got "${letter.from ?? defaultFrom}"`);
  }
  return { from, recipients: letter.recipients, content: await mail.build() };
}
