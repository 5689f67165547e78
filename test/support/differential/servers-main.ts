import { createSocket, type Socket as DatagramSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { addressesOf, type Condition, type Conditions, servers } from './condition.ts';
import { tcpServices, udpServices } from './servers/all.ts';

// All real servers of the differential suite, in one process and one namespace that has the
// addresses of all. Argument: the file that says how each of them is (`Order`), read at the start
// and at each SIGHUP; its number is printed when everything is as it says.
interface Order {
  readonly number: number;
  readonly conditions: Conditions;
}

const [orderFile = ''] = process.argv.slice(2);
const services = tcpServices();
/** By address; asked anew for each connection. */
const conditions = new Map<string, Condition>();
const listeners = new Map<string, readonly (Server | DatagramSocket)[]>();
const open = new Map<Socket, string>();

async function obey(): Promise<void> {
  const order: Order = JSON.parse(readFileSync(orderFile, 'utf8'));
  for (const server of servers) {
    for (const address of addressesOf(server)) {
      await bring(address, order.conditions[server]);
    }
  }
  process.stdout.write(`order ${order.number} done\n`);
}

async function bring(address: string, condition: Condition): Promise<void> {
  const before = conditions.get(address);
  conditions.set(address, condition);
  if (before !== condition) {
    for (const [socket, local] of open) if (local === address) socket.destroy();
  }
  // the address itself is taken away and given back from outside
  const listens = condition !== 'refusing';
  const existing = listeners.get(address);
  if (listens && existing === undefined) {
    listeners.set(address, await listenOn(address));
  } else if (!listens && existing !== undefined) {
    listeners.delete(address);
    for (const listener of existing) listener.close();
  }
}

async function listenOn(address: string): Promise<readonly (Server | DatagramSocket)[]> {
  const streams = [...services.entries()].map(([port, serve]) => {
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      open.set(socket, address);
      socket.on('error', () => undefined);
      socket.on('close', () => open.delete(socket));
      socket.on('end', () => socket.end());
      if (conditions.get(address) !== 'silent') serve(socket, conditions.get(address) === 'up');
      else socket.resume();
    });
    return server.listen(port, address);
  });
  const datagrams = [...udpServices.entries()].map(([port, serve]) => {
    const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
    socket.on('message', (message, from) => {
      if (conditions.get(address) === 'silent') return;
      const answer = serve(message, conditions.get(address) === 'up');
      if (answer !== undefined) socket.send(answer, from.port, from.address);
    });
    return socket.bind(port, address);
  });
  const all = [...streams, ...datagrams];
  await Promise.all(all.map((listener) => once(listener, 'listening')));
  return all;
}

process.on('SIGHUP', () => void obey());
await obey();
