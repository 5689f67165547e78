import type { NegotiateCheck } from '../config/check-model.ts';
import type { CheckTarget } from '../config/check-target.ts';
import { matchesBytes } from '../config/receive.ts';
import type { Check, CheckOutcome } from './check.ts';
import { Dialogue } from './dialogue.ts';
import { askFtp, type FtpReply, readReply } from './ftp-reply.ts';
import { openData } from './ftp-transfer.ts';
import { lineText } from './line-text.ts';
import { oneLine } from './reason.ts';
import { type ReceiveSearch, receiveSearch } from './receive-search.ts';

/** How much of a file `receive` is looked for in. */
const fileLimit = 1024 * 1024;

/**
 * The check of ftp (RFC 959).
 *
 * - With `receive`: logs in, fetches the file `request`, with its leading "/", over a passive data
 *   connection, and is up when the file, as bytes, matches. Without a login, the user is anonymous.
 * - Without `receive`, a login must be accepted, and nothing is fetched: which file it should be is
 *   then said by nothing but the default. ldirectord is up here whatever happens.
 * - Without `receive` and login, the greeting is enough: a server that serves only known users is
 *   well, though it would refuse anonymous.
 */
export const checkFtp: Check<NegotiateCheck> = async (definition, { signal }) => {
  const { login, receive, target } = definition;
  const user = lineText('login', login === '' ? 'anonymous' : login);
  const passwd = lineText('passwd', definition.passwd);
  const file = lineText('request', definition.request);
  const expression = receive === '' ? undefined : receiveSearch(receive);
  const dialogue = Dialogue.open(target, signal);
  try {
    const greeting = await readGreeting(dialogue);
    if (!isGood(greeting)) return down(greeting.text);
    if (login === '' && expression === undefined) return bye(dialogue, up(greeting.text));
    const answer = await logIn(dialogue, user, passwd);
    if (!isGood(answer)) return bye(dialogue, down(`login refused: ${answer.text}`));
    if (expression === undefined) return bye(dialogue, up(answer.text));
    const fetched = await fetchFile({ dialogue, target, file, signal });
    if ('refusal' in fetched) {
      return bye(dialogue, down(`"${definition.request}" not fetched: ${fetched.refusal}`));
    }
    return bye(dialogue, judge(definition.request, expression, fetched.bytes));
  } finally {
    dialogue.close();
  }
};

/** 120 says that it will be ready later (5.4, connection establishment). */
async function readGreeting(dialogue: Dialogue): Promise<FtpReply> {
  for (;;) {
    const reply = await readReply(dialogue);
    if (reply.code >= 200) return reply;
  }
}

/** Anything but 2xx is a refusal, also 332, which asks for an account. */
async function logIn(dialogue: Dialogue, user: string, passwd: string): Promise<FtpReply> {
  const answer = await askFtp(dialogue, `USER ${user}`);
  return answer.code === 331 ? askFtp(dialogue, `PASS ${passwd}`) : answer;
}

interface Fetch {
  readonly dialogue: Dialogue;
  /** For the data connection. */
  readonly target: CheckTarget;
  readonly file: string;
  readonly signal: AbortSignal;
}

async function fetchFile({
  dialogue,
  target,
  file,
  signal,
}: Fetch): Promise<{ readonly bytes: Buffer } | { readonly refusal: string }> {
  const binary = await askFtp(dialogue, 'TYPE I');
  if (!isGood(binary)) return { refusal: binary.text };
  const data = await openData({ dialogue, target, limit: fileLimit, signal });
  if ('refusal' in data) return data;
  try {
    const started = await askFtp(dialogue, `RETR ${file}`);
    // 1xx before the data, 2xx after; some send only the second when the file is short.
    if (started.code >= 300) return { refusal: started.text };
    const { bytes, isWhole } = await data.received;
    if (!isWhole || isGood(started)) return { bytes };
    const ended = await readReply(dialogue);
    return isGood(ended) ? { bytes } : { refusal: ended.text };
  } finally {
    data.close();
  }
}

function judge(file: string, expression: ReceiveSearch, bytes: Buffer): CheckOutcome {
  if (matchesBytes(expression, bytes)) return up(`"${file}" fetched`);
  const where = bytes.length < fileLimit ? '' : ` in the first ${fileLimit} bytes`;
  return down(`"${file}" fetched, but "receive" does not match${where}`);
}

function bye(dialogue: Dialogue, outcome: CheckOutcome): CheckOutcome {
  dialogue.send('QUIT\r\n');
  return outcome;
}

function isGood({ code }: FtpReply): boolean {
  return code >= 200 && code < 300;
}

function up(reason: string): CheckOutcome {
  return { up: true, reason: oneLine(reason) };
}

function down(reason: string): CheckOutcome {
  return { up: false, reason: oneLine(reason) };
}
