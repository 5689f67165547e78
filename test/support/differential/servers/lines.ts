import type { Socket } from 'node:net';
import type { TcpService } from './service.ts';

/** What a server of a line protocol says. */
export interface LineScript {
  readonly greeting: string;
  /** The answer to a line, without the end of its last line; undefined for none. */
  readonly answer: (line: string, socket: Socket) => string | undefined;
  /** Hangs up after the answer to such a line. */
  readonly farewell?: RegExp;
}

/** A server of a line protocol, by what it says when it is well and when it is not. */
export function lineService(script: (isWell: boolean) => LineScript): TcpService {
  return (socket, isWell) => talk(socket, script(isWell));
}

function talk(socket: Socket, { greeting, answer, farewell }: LineScript): void {
  let text = '';
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    text += chunk;
    const complete = text.split('\n');
    text = complete.pop() ?? '';
    for (const line of complete.map((raw) => raw.replace(/\r$/, ''))) {
      const said = answer(line, socket);
      if (said !== undefined) socket.write(`${said}\r\n`);
      if (farewell?.test(line)) socket.end();
    }
  });
  socket.write(`${greeting}\r\n`);
}

/** POP3 (RFC 1939): takes any login when it is well. */
export const popService = lineService((isWell) => ({
  greeting: '+OK ready',
  answer: (line) => {
    if (/^(CAPA|AUTH|APOP)\b/i.test(line)) return '-ERR not here';
    if (/^PASS\b/i.test(line) && !isWell) return '-ERR wrong password';
    return /^STAT\b/i.test(line) ? '+OK 0 0' : '+OK';
  },
  farewell: /^QUIT\b/i,
}));

/** IMAP4 (RFC 3501): takes any login when it is well. */
export const imapService = lineService((isWell) => ({
  greeting: '* OK ready',
  answer: (line) => {
    const [tag = '', verb = ''] = line.split(' ');
    if (/^LOGIN$/i.test(verb)) return isWell ? `${tag} OK welcome` : `${tag} NO wrong password`;
    if (/^LOGOUT$/i.test(verb)) return `* BYE\r\n${tag} OK bye`;
    return `${tag} OK done`;
  },
  farewell: /^\S+ LOGOUT\b/i,
}));

/** NNTP (RFC 3977), of which checks read the greeting. */
export const nntpService = lineService((isWell) => ({
  greeting: isWell ? '200 ready' : '400 closed',
  answer: () => '205 bye',
  farewell: /^QUIT\b/i,
}));

/** SMTP (RFC 5321) that has nothing to offer, not even a greeting. */
export const closedMailService = lineService(() => ({
  greeting: '554 closed',
  answer: () => '503 closed',
  farewell: /^QUIT\b/i,
}));
