import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { lineService } from './lines.ts';

/** FTP (RFC 959, RFC 2428) with one file, whose data go by whichever way the client asks for. */
export const ftpService = lineService((isWell) => {
  let way: Promise<Socket> | undefined;
  return {
    greeting: '220 ready',
    answer: (line, socket) => {
      const [verb = '', argument = ''] = line.split(' ');
      switch (verb.toUpperCase()) {
        case 'USER':
          return '331 password?';
        case 'PASS':
          return '230 welcome';
        case 'EPSV':
        case 'PASV': {
          const server = createServer().listen(0, socket.localAddress);
          way = firstConnection(server);
          void once(server, 'listening').then(() => socket.write(passiveReply(verb, server)));
          return undefined;
        }
        case 'PORT': {
          const numbers = argument.split(',').map(Number);
          const [high = 0, low = 0] = numbers.slice(4);
          way = connected(high * 256 + low, numbers.slice(0, 4).join('.'));
          return '200 thanks';
        }
        case 'RETR': {
          void way?.then((data) => data.end(isWell ? 'Test Page\n' : 'Closed\n'));
          void way?.then(() => socket.write('226 done\r\n'));
          return '150 coming';
        }
        case 'QUIT':
          return '221 bye';
        default:
          return '200 ok';
      }
    },
    farewell: /^QUIT\b/i,
  };
});

async function firstConnection(server: Server): Promise<Socket> {
  const data = await new Promise<Socket>((resolve) => server.once('connection', resolve));
  data.on('error', () => undefined);
  server.close();
  return data;
}

async function connected(port: number, address: string): Promise<Socket> {
  const data = connect(port, address);
  data.on('error', () => undefined);
  await once(data, 'connect');
  return data;
}

function passiveReply(verb: string, server: Server): string {
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('ftp: expected a port');
  const { address, port } = bound;
  return verb.toUpperCase() === 'EPSV'
    ? `229 Extended Passive Mode (|||${port}|)\r\n`
    : `227 Passive Mode (${address.replaceAll('.', ',')},${port >> 8},${port & 255}).\r\n`;
}
