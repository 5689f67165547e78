import { createSocket, type Socket as DatagramSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { decode, encode } from 'dns-packet';
import { createSmtpServer } from '../smtp-server.ts';
import { identity } from '../tls-identity.ts';
import { allServers } from './cases.ts';

// All real servers of fixtures/keepalived, in one process and one namespace that has the addresses
// of all. Argument: the file that says which are down (`Order`), read at the start and at each
// SIGHUP; its number is printed when everything is as it says.
interface Order {
  readonly number: number;
  readonly down: readonly number[];
}

const [orderFile = ''] = process.argv.slice(2);
/**
 * What files of the suite look at: `rs N` is there while N is up, `rs N down` has 0 or 1, and `load`
 * has 1, or 3 while any server is down.
 */
const folder = '/run/lb';
const page = 'HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\nhello world\n';
const listeners = new Map<number, readonly (Server | DatagramSocket)[]>();
const mail = createSmtpServer();
const tls = identity('self-signed');

async function obey(): Promise<void> {
  const { number, down }: Order = JSON.parse(readFileSync(orderFile, 'utf8'));
  for (const server of allServers) {
    await bring(server, !down.includes(server));
  }
  writeFileSync(`${folder}/load`, down.length === 0 ? '1\n' : '3\n');
  process.stdout.write(`order ${number} done\n`);
}

async function bring(server: number, isUp: boolean): Promise<void> {
  const listening = listeners.get(server);
  if (isUp && listening === undefined) {
    const both = [`10.9.0.${server}`, `fd00:9::${server}`].map(listenOn);
    listeners.set(server, (await Promise.all(both)).flat());
  } else if (!isUp && listening !== undefined) {
    listeners.delete(server);
    for (const listener of listening) listener.close();
  }
  const sign = `${folder}/rs ${server}`;
  if (isUp) writeFileSync(sign, '');
  else rmSync(sign, { force: true });
  writeFileSync(`${sign} down`, isUp ? '0\n' : '1\n');
}

async function listenOn(address: string): Promise<readonly (Server | DatagramSocket)[]> {
  const streams = Object.entries(services).map(([port, serve]) => {
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      serve(socket);
    });
    return server.listen(Number(port), address);
  });
  const datagrams = createSocket(address.includes(':') ? 'udp6' : 'udp4');
  datagrams.on('message', (message, from) => {
    datagrams.send(answer(message), from.port, from.address);
  });
  const all = [...streams, datagrams.bind(53, address)];
  await Promise.all(all.map((listener) => once(listener, 'listening')));
  return all;
}

const services: Readonly<Record<number, (socket: Socket) => void>> = {
  25: (socket) => mail.emit('connection', socket),
  80: servePage,
  443: (socket) => {
    const secured = new TLSSocket(socket, { isServer: true, ...tls });
    secured.on('error', () => socket.destroy());
    servePage(secured);
  },
  587: (socket) => mail.emit('connection', socket),
  8080: servePage,
};

/** Any request gets the page, also one that no server of HTTP would take. */
function servePage(socket: Socket): void {
  let request = '';
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    request += chunk;
    if (request.includes('\r\n\r\n')) socket.end(page);
  });
}

/** A question of DNS (RFC 1035, 4.1.1: RD, one question) has no answer but no error either. */
function answer(datagram: Buffer): Buffer {
  const isQuestion = datagram.length > 12 && datagram.readUInt32BE(2) === 0x01000001;
  if (!isQuestion) return Buffer.from([0x01, 0x23, 0xff, 0x67, 0x00]);
  const { id, questions } = decode(datagram);
  return encode({ type: 'response', id, questions });
}

process.on('SIGHUP', () => void obey());
// while all are down, nothing else keeps this process
setInterval(() => undefined, 60_000);
mkdirSync(folder, { recursive: true });
writeFileSync(`${folder}/level`, '0\n');
await obey();
