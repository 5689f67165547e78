import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Letter } from '../../../src/alerts/mail/letter.ts';
import { MailError } from '../../../src/alerts/mail/outbox.ts';
import type { MailRoute } from '../../../src/alerts/mail/route.ts';
import { letterSender } from '../../../src/alerts/mail/send-letter.ts';
import { recordedLog } from '../../support/recorded-log.ts';
import { RecordedRuns } from '../../support/recorded-runs.ts';
import {
  createSmtpServer,
  type ReceivedMail,
  type SmtpServerOptions,
} from '../../support/smtp-server.ts';

const fixture = (name: string) =>
  fileURLToPath(new URL(`../../../../fixtures/tls/${name}`, import.meta.url));
const pem = (name: string) => readFileSync(fixture(name), 'utf8');
const tls = { cert: pem('localhost.pem'), key: pem('localhost.key') };
const login = { user: 'balancer', password: 'p:w "x"' };

const letter: Letter = {
  recipients: ['ops@example.com', 'web+lb@example.com'],
  from: '"Load Balancer" <lb@example.com>',
  subject: '[Büro] Deleted real server: 10.9.0.2:80 (10.9.0.30:80)',
  text: 'ldirectord host: lb1\n.\n..dots\n',
};

async function bench(t: TestContext, options: SmtpServerOptions = {}) {
  const mails: ReceivedMail[] = [];
  const server = createSmtpServer({ ...options, onMail: (mail) => mails.push(mail) });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  const { log, lines } = recordedLog();
  const commands = new RecordedRuns({ atOnce: true });
  const defaultFrom = 'root@lb1.example.com';
  const sender = letterSender({ run: commands.run, log, host: 'lb1.example.com', defaultFrom });
  const send = (
    route: Partial<MailRoute & { kind: 'smtp' }> = {},
    changes: Partial<Letter> = {},
    signal = new AbortController().signal,
  ) =>
    sender(
      { ...letter, ...changes },
      { kind: 'smtp', host: '127.0.0.1', port: address.port, startTls: 'try', ...route },
      signal,
    );
  return { mails, send, sender, commands, lines };
}

describe('letterSender', () => {
  it('sends one mail with a RCPT for each recipient and the headers that a mail must have', async (t) => {
    const { mails, send } = await bench(t);
    await send();
    assert.equal(mails.length, 1);
    const [mail] = mails;
    assert.deepEqual(mail?.recipients, letter.recipients);
    assert.deepEqual([mail.from, mail.helo], ['lb@example.com', 'lb1.example.com']);
    const { headers } = mail;
    assert.equal(headers['from'], 'Load Balancer <lb@example.com>');
    assert.equal(headers['to'], 'ops@example.com, web+lb@example.com');
    assert.match(headers['message-id'] ?? '', /^<[^@ ]+@example\.com>$/);
    assert.ok(Math.abs(Date.parse(headers['date'] ?? '') - Date.now()) < 60_000);
    assert.equal(headers['auto-submitted'], 'auto-generated');
    // RFC 2047: words that are not ASCII are encoded
    assert.match(headers['subject'] ?? '', /^=\?UTF-8\?/);
    assert.equal(mail.body, letter.text);
  });

  it('takes the default sender when the letter names none, and refuses one that is no address', async (t) => {
    const { sender, commands } = await bench(t);
    const { from: _, ...nameless } = letter;
    await sender(nameless, { kind: 'sendmail' }, never());
    assert.equal(commands.argvs[0]?.[3], 'root@lb1.example.com');
    await assert.rejects(sender({ ...letter, from: 'nobody' }, { kind: 'sendmail' }, never()), {
      message: 'sender: expected a mail address, got "nobody"',
    });
  });

  it('starttls: uses it when offered, whatever the certificate', async (t) => {
    const { mails, send } = await bench(t, { tls });
    await send();
    assert.equal(mails[0]?.isEncrypted, true);
  });

  it('starttls=never: goes in the clear', async (t) => {
    const { mails, send } = await bench(t, { tls });
    await send({ startTls: 'never' });
    assert.equal(mails[0]?.isEncrypted, false);
  });

  it('starttls=require: refuses a server that does not offer it, or that nobody vouches for', async (t) => {
    const plain = await bench(t);
    await assert.rejects(plain.send({ startTls: 'require' }), MailError);
    const unknown = await bench(t, { tls });
    await assert.rejects(unknown.send({ startTls: 'require' }), /self-signed certificate/);
    const wrongName = await bench(t, {
      tls: { cert: pem('trusted.pem'), key: pem('trusted.key') },
    });
    const caFile = fixture('ca.pem');
    await assert.rejects(wrongName.send({ startTls: 'require', caFile }), /altnames/);
    for (const { mails } of [plain, unknown, wrongName]) assert.deepEqual(mails, []);
    const good = await bench(t, { tls });
    await good.send({ startTls: 'require', caFile: fixture('localhost.pem') });
    assert.equal(good.mails[0]?.isEncrypted, true);
  });

  it('logs in, and counts a refused login as final', async (t) => {
    const { mails, send } = await bench(t, { tls, login });
    await send({ login });
    assert.deepEqual([mails[0]?.user, mails[0]?.isEncrypted], ['balancer', true]);
    const wrong = send({ login: { ...login, password: 'no' } });
    await assert.rejects(wrong, (error) => error instanceof MailError && error.isFinal);
    assert.equal(mails.length, 1);
  });

  it('one refused recipient does not stop the mail for the others', async (t) => {
    const recipient = (address: string) =>
      address.startsWith('web') ? '550 no such user' : undefined;
    const { mails, send, lines } = await bench(t, { recipient });
    await send();
    assert.deepEqual(mails[0]?.recipients, ['ops@example.com']);
    assert.deepEqual(lines, [
      'error emailalert: 127.0.0.1 refuses the recipient web+lb@example.com',
    ]);
  });

  it('tells a no for good from one for now', async (t) => {
    for (const [answer, isFinal] of [
      ['550 no such user', true],
      ['451 come back later', false],
    ] as const) {
      const { send } = await bench(t, { recipient: () => answer });
      await assert.rejects(
        send(),
        (error) => error instanceof MailError && error.isFinal === isFinal,
      );
    }
  });

  it('a server that is not there, or hangs up, is worth another attempt', async (t) => {
    const { send } = await bench(t);
    const free = await unusedPort();
    await assert.rejects(
      send({ port: free }),
      (error) => error instanceof MailError && !error.isFinal && /ECONNREFUSED/.test(error.message),
    );
    const port = await listening(t, (socket) => socket.end());
    await assert.rejects(send({ port }), (error) => error instanceof MailError && !error.isFinal);
  });

  it('an abort ends it at once, with a server that accepts and is silent', async (t) => {
    const { send } = await bench(t);
    const controller = new AbortController();
    let hungUp: Promise<unknown> = Promise.reject(new Error('nobody connected'));
    hungUp.catch(() => undefined);
    const port = await listening(t, (socket) => {
      hungUp = once(socket, 'close');
      controller.abort(new Error('no end within 30 s'));
    });
    const sending = send({ port }, {}, controller.signal);
    await assert.rejects(sending, { message: 'no end within 30 s' });
    await hungUp;
  });

  it('without a mail server: hands the mail to sendmail, recipients as arguments', async (t) => {
    const { sender, commands } = await bench(t);
    await sender(letter, { kind: 'sendmail' }, never());
    const argv = ['/usr/sbin/sendmail', '-i', '-f', 'lb@example.com', '--', ...letter.recipients];
    assert.deepEqual(commands.argvs, [argv]);
    const input = commands.options[0]?.input ?? '';
    assert.match(input, /^From: .*\nTo: ops@example\.com, web\+lb@example\.com\n/m);
    assert.match(input, /\n\nldirectord host: lb1\n\.\n\.\.dots\n$/);
    assert.doesNotMatch(input, /\r/);
  });
});

function never(): AbortSignal {
  return new AbortController().signal;
}

async function listening(t: TestContext, serve: (socket: Socket) => void): Promise<number> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.resume();
    serve(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** A port that was free a moment ago. */
async function unusedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}
