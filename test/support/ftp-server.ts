import type { Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { type LineServer, startLineServer } from './line-server.ts';
import { startTcpServer } from './tcp-server.ts';

export interface FtpServerOptions {
  readonly address?: string;
  readonly greeting?: string;
  /** Replies that differ from those of a server that is well, by the line or its first word. */
  readonly replies?: Readonly<Record<string, string>>;
  /** What is done with a data connection; sends a page and closes if not given. */
  readonly serveData?: (socket: Socket) => void;
}

export interface FtpServer extends LineServer {
  readonly dataPort: number;
}

/** A scripted FTP server with one data port, on loopback, which ends with the test. */
export async function startFtpServer(
  t: TestContext,
  {
    address = '127.0.0.1',
    greeting = '220 ready',
    replies = {},
    serveData = (socket) => socket.end('Test Page'),
  }: FtpServerOptions = {},
): Promise<FtpServer> {
  const data = await startTcpServer(t, serveData, address);
  const { port } = data.endpoint;
  const usual: Readonly<Record<string, string>> = {
    USER: '331 password?',
    PASS: '230 welcome',
    TYPE: '200 binary',
    EPSV: `229 Entering Extended Passive Mode (|||${port}|)`,
    // Another machine's address, which nobody may follow.
    PASV: `227 Entering Passive Mode (127,9,9,9,${port >> 8},${port & 255}).`,
    RETR: '150 coming\r\n226 done',
    QUIT: '221 bye',
  };
  const server = await startLineServer(t, {
    address,
    greeting: greeting === '' ? '' : `${greeting}\r\n`,
    answer(line) {
      const [verb = ''] = line.split(' ');
      const reply = replies[line] ?? replies[verb] ?? usual[verb] ?? '500 unknown';
      return reply === '' ? undefined : `${reply}\r\n`;
    },
  });
  return { ...server, dataPort: port };
}
