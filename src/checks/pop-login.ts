import { createHash, createHmac } from 'node:crypto';
import type { Dialogue } from './dialogue.ts';

export interface Credentials {
  /** Each character one byte, without line breaks. */
  readonly login: string;
  readonly passwd: string;
}

/**
 * Logs in to a POP3 server by the best way that it offers, as ldirectord's library does: APOP when
 * the greeting has a timestamp (RFC 1939, 7), then CRAM-MD5 when CAPA names it (RFC 5034), then USER
 * and PASS. What is refused by one way is tried by the next.
 *
 * @returns undefined when the server has accepted, else what it said last.
 * @throws Error of the connection.
 */
export async function logInToPop(
  dialogue: Dialogue,
  greeting: string,
  credentials: Credentials,
): Promise<string | undefined> {
  const { login, passwd } = credentials;
  const timestamp = /<[^<>\s]+>/.exec(greeting)?.[0];
  if (timestamp !== undefined) {
    const digest = createHash('md5').update(`${timestamp}${passwd}`, 'latin1').digest('hex');
    if (isGood(await ask(dialogue, `APOP ${login} ${digest}`))) return undefined;
  }
  if ((await readMechanisms(dialogue)).includes('CRAM-MD5')) {
    if (isGood(await answerChallenge(dialogue, credentials))) return undefined;
  }
  const user = await ask(dialogue, `USER ${login}`);
  if (!isGood(user)) return user;
  const pass = await ask(dialogue, `PASS ${passwd}`);
  return isGood(pass) ? undefined : pass;
}

/** The SASL mechanisms that CAPA lists (RFC 2449, 6.3); none when the server knows no CAPA. */
async function readMechanisms(dialogue: Dialogue): Promise<readonly string[]> {
  const mechanisms: string[] = [];
  if (!isGood(await ask(dialogue, 'CAPA'))) return mechanisms;
  for (let line = await dialogue.answer(); line !== '.'; line = await dialogue.answer()) {
    const [name, ...words] = line.toUpperCase().split(' ');
    if (name === 'SASL') mechanisms.push(...words);
  }
  return mechanisms;
}

/** CRAM-MD5 (RFC 2195): the challenge, keyed with the password. */
async function answerChallenge(
  dialogue: Dialogue,
  { login, passwd }: Credentials,
): Promise<string> {
  const challenge = await ask(dialogue, 'AUTH CRAM-MD5');
  if (!challenge.startsWith('+ ')) return challenge;
  const text = Buffer.from(challenge.slice('+ '.length), 'base64');
  const digest = createHmac('md5', Buffer.from(passwd, 'latin1')).update(text).digest('hex');
  return ask(dialogue, Buffer.from(`${login} ${digest}`, 'latin1').toString('base64'));
}

function ask(dialogue: Dialogue, command: string): Promise<string> {
  dialogue.send(`${command}\r\n`);
  return dialogue.answer();
}

function isGood(answer: string): boolean {
  return answer.startsWith('+OK');
}
