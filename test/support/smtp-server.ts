import { createServer, type Server, type Socket } from 'node:net';
import { createSecureContext, TLSSocket } from 'node:tls';

export interface SmtpServerOptions {
  /** Offers STARTTLS with this certificate (PEM). */
  readonly tls?: { readonly cert: string; readonly key: string };
  /** Takes mail only after this login; offers it only under TLS if there is any. */
  readonly login?: { readonly user: string; readonly password: string };
  /** Answer to a RCPT, by the address; 250 where it gives none. */
  readonly recipient?: (address: string) => string | undefined;
  /** Called with each mail that was taken. */
  readonly onMail?: (mail: ReceivedMail) => void;
}

/** A mail as it came in. */
export interface ReceivedMail {
  readonly from: string;
  readonly recipients: readonly string[];
  readonly helo: string;
  readonly isEncrypted: boolean;
  readonly user: string | undefined;
  /** Header fields by their name in lower case, unfolded. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * A mail server that takes mail and keeps it (RFC 5321, 3207, 4954), and is strict: a line without
 * CR, a command out of order, an argument of the wrong form or a recipient list in one RCPT is
 * answered with an error, as real servers do.
 */
export function createSmtpServer(options: SmtpServerOptions = {}): Server {
  return createServer((socket) => {
    socket.on('error', () => undefined);
    serve(socket, options, false);
  });
}

interface Session {
  helo: string;
  user: string | undefined;
  from: string | undefined;
  recipients: string[];
  /** Lines of a mail under way. */
  data: string[] | undefined;
  /** Takes the next line as the answer of a login. */
  challenge: ((answer: string) => string) | undefined;
}

/** A path as RCPT and MAIL have it, and nothing behind it but parameters (RFC 5321, 4.1.2). */
const path = '<([A-Za-z0-9.!#$%&*+/=?^_`{|}~-]+@[A-Za-z0-9.-]+)>';

function serve(socket: Socket, options: SmtpServerOptions, isEncrypted: boolean): void {
  const session: Session = {
    helo: '',
    user: undefined,
    from: undefined,
    recipients: [],
    data: undefined,
    challenge: undefined,
  };
  let buffer = '';
  const onData = (chunk: Buffer): void => {
    buffer += chunk.toString('utf8');
    for (let end = buffer.indexOf('\n'); end >= 0; end = buffer.indexOf('\n')) {
      const line = buffer.slice(0, end);
      buffer = buffer.slice(end + 1);
      if (!line.endsWith('\r')) {
        socket.end('500 line without CR\r\n');
        return;
      }
      const answer = answerTo(line.slice(0, -1), session, options, isEncrypted);
      if (answer === 'starttls') {
        // what was sent in the clear before the handshake must not count (RFC 3207, 6)
        socket.off('data', onData);
        socket.write('220 go ahead\r\n');
        upgrade(socket, options);
        return;
      }
      if (answer !== undefined) socket.write(`${answer}\r\n`);
      if (answer?.startsWith('221')) socket.end();
    }
  };
  socket.on('data', onData);
  if (!isEncrypted) socket.write('220 mail.test ESMTP\r\n');
}

function upgrade(socket: Socket, options: SmtpServerOptions): void {
  const secureContext = createSecureContext(options.tls);
  const secured = new TLSSocket(socket, { isServer: true, secureContext });
  secured.on('error', () => socket.destroy());
  serve(secured, options, true);
}

/** @returns undefined when nothing is to be answered yet. */
function answerTo(
  line: string,
  session: Session,
  options: SmtpServerOptions,
  isEncrypted: boolean,
): string | undefined {
  if (session.data !== undefined) return takeData(line, session, options, isEncrypted);
  if (session.challenge !== undefined) return session.challenge(line);
  const [verb = '', argument = ''] = line.split(/ (.*)/s);
  switch (verb.toUpperCase()) {
    case 'EHLO':
    case 'HELO':
      if (!/^[A-Za-z0-9.[\]:-]+$/.test(argument)) return '501 who?';
      session.helo = argument;
      // extensions are for EHLO alone (RFC 5321, 4.1.1.1); checks of keepalived take one line only
      if (verb.toUpperCase() === 'HELO') return '250 mail.test';
      return `250-mail.test\r\n${extensions(options, isEncrypted)}250 8BITMIME`;
    case 'STARTTLS':
      return options.tls && !isEncrypted ? 'starttls' : '502 not offered';
    case 'AUTH':
      return logIn(argument, session, options, isEncrypted);
    case 'MAIL': {
      const [, from] = new RegExp(`^FROM:${path}( [A-Z0-9=]+)*$`).exec(argument) ?? [];
      if (session.helo === '') return '503 EHLO first';
      if (options.login && session.user === undefined) return '530 log in first';
      if (from === undefined) return '501 bad sender';
      session.from = from;
      return '250 ok';
    }
    case 'RCPT': {
      const [, recipient] = new RegExp(`^TO:${path}$`).exec(argument) ?? [];
      if (session.from === undefined) return '503 MAIL first';
      if (recipient === undefined) return '501 bad recipient';
      const refusal = options.recipient?.(recipient);
      if (refusal !== undefined) return refusal;
      session.recipients.push(recipient);
      return '250 ok';
    }
    case 'DATA':
      if (session.recipients.length === 0) return '503 RCPT first';
      session.data = [];
      return '354 go ahead';
    case 'QUIT':
      return '221 bye';
    default:
      return '500 unknown';
  }
}

function extensions({ tls, login }: SmtpServerOptions, isEncrypted: boolean): string {
  const offersTls = tls !== undefined && !isEncrypted;
  const offersLogin = login !== undefined && !offersTls;
  return `${offersTls ? '250-STARTTLS\r\n' : ''}${offersLogin ? '250-AUTH PLAIN LOGIN\r\n' : ''}`;
}

function logIn(
  argument: string,
  session: Session,
  { login, tls }: SmtpServerOptions,
  isEncrypted: boolean,
): string {
  if (login === undefined || (tls && !isEncrypted)) return '538 not offered';
  const check = (user: string | undefined, password: string | undefined): string => {
    if (user !== login.user || password !== login.password) return '535 wrong login';
    session.user = user;
    return '235 welcome';
  };
  const decode = (text: string) => Buffer.from(text, 'base64').toString('utf8');
  const [mechanism = '', initial] = argument.split(' ');
  // RFC 4616: authorisation identity, user and password with NUL between them
  if (mechanism === 'PLAIN' && initial !== undefined) {
    const [, user, password] = decode(initial).split('\0');
    return check(user, password);
  }
  if (mechanism !== 'LOGIN' || initial !== undefined) return '504 unknown mechanism';
  session.challenge = (user) => {
    session.challenge = (password) => {
      session.challenge = undefined;
      return check(decode(user), decode(password));
    };
    return '334 UGFzc3dvcmQ6';
  };
  return '334 VXNlcm5hbWU6';
}

function takeData(
  line: string,
  session: Session,
  options: SmtpServerOptions,
  isEncrypted: boolean,
): string | undefined {
  const { data, helo, user, from = '', recipients } = session;
  if (line !== '.') {
    data?.push(line.replace(/^\./, ''));
    return undefined;
  }
  const lines = data ?? [];
  const blank = lines.indexOf('');
  const body = lines
    .slice(blank + 1)
    .map((text) => `${text}\n`)
    .join('');
  const headers = parseHeaders(lines.slice(0, blank));
  options.onMail?.({ from, recipients: [...recipients], helo, isEncrypted, user, headers, body });
  session.data = undefined;
  session.from = undefined;
  session.recipients = [];
  return '250 taken';
}

function parseHeaders(lines: readonly string[]): Readonly<Record<string, string>> {
  const unfolded = lines.join('\n').replace(/\n[ \t]+/g, ' ');
  return Object.fromEntries(
    unfolded.split('\n').map((field) => {
      const [name = '', value = ''] = field.split(/: ?(.*)/s);
      return [name.toLowerCase(), value];
    }),
  );
}
