import type SMTPConnection from 'nodemailer/lib/smtp-connection';
import { readRegularFile } from '../../config/regular-file.ts';
import type { Message } from './compose.ts';
import { MailError } from './outbox.ts';
import type { MailRoute } from './route.ts';

type SmtpRoute = MailRoute & { readonly kind: 'smtp' };

/** For a server that accepts and is silent; the whole attempt has a deadline of its own. */
const silenceMs = 15_000;

/**
 * Brings a mail to its server (RFC 5321), with STARTTLS (RFC 3207) and login (RFC 4954) as the
 * route says.
 *
 * @param name what we call ourselves.
 * @param signal its abort closes the connection at once.
 * @returns recipients that the server refused, while it took others.
 * @throws MailError when no recipient gets it.
 */
export async function sendBySmtp(
  message: Message,
  route: SmtpRoute,
  name: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { default: Connection } = await import('nodemailer/lib/smtp-connection');
  const ca = route.caFile === undefined ? undefined : await readRegularFile(route.caFile);
  const { host, port, startTls } = route;
  const connection = new Connection({
    host,
    port,
    name,
    ignoreTLS: startTls === 'never',
    requireTLS: startTls === 'require',
    opportunisticTLS: startTls === 'try',
    tls: { rejectUnauthorized: startTls === 'require', ...(ca !== undefined && { ca }) },
    dnsTimeout: silenceMs,
    connectionTimeout: silenceMs,
    greetingTimeout: silenceMs,
    socketTimeout: silenceMs,
  });
  const failed = new Promise<never>((_, reject) => {
    connection.on('error', reject);
    connection.once('end', () => reject(new Error('connection closed by the server')));
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  try {
    signal.throwIfAborted();
    const rejected = await Promise.race([failed, converse(connection, message, route)]);
    connection.quit();
    return rejected;
  } catch (error) {
    connection.close();
    throw mailError(error);
  }
}

async function converse(
  connection: SMTPConnection,
  message: Message,
  { login }: SmtpRoute,
): Promise<readonly string[]> {
  await new Promise<void>((resolve, reject) => {
    connection.connect((error) => (error ? reject(error) : resolve()));
  });
  if (login !== undefined) {
    const { user, password: pass } = login;
    await new Promise<void>((resolve, reject) => {
      connection.login({ credentials: { user, pass } }, (e) => (e ? reject(e) : resolve()));
    });
  }
  const envelope = { from: message.from, to: [...message.recipients] };
  return new Promise((resolve, reject) => {
    connection.send(envelope, message.content, (error, info) => {
      if (error) reject(error);
      else resolve(info?.rejected ?? []);
    });
  });
}

/** A reply 5xx is a no for good, 4xx and everything else may pass (RFC 5321, 4.2.1). */
function mailError(error: unknown): MailError {
  if (!(error instanceof Error)) return new MailError(String(error), false);
  const code = 'responseCode' in error ? error.responseCode : undefined;
  const isFinal = typeof code === 'number' && code >= 500 && code < 600;
  return new MailError(error.message.replace(/\s+/g, ' '), isFinal);
}
