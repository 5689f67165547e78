import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Flow, FlowKind, FlowsOptions } from './flows.ts';

// The process of the connections. Argument: the options as JSON. Prints all flows, as one line of
// JSON, when each has had its first answer, and every second from then on.

const REPORT_MS = 1000;
const PAUSE_MS = 500;
/** What a download takes at a time. */
const PIECE_BYTES = 16_384;
const options: FlowsOptions = JSON.parse(process.argv[2] ?? '');

const watched = options.flows.map(open);
while (!watched.every(({ flow }) => flow.atMs > 0 || flow.lost !== undefined)) await sleep(50);
for (;;) {
  process.stdout.write(`${JSON.stringify(watched.map(({ flow }) => flow))}\n`);
  await sleep(REPORT_MS);
}

function open({ from, kind }: FlowsOptions['flows'][number]): { flow: Flow } {
  const { address: host, port } = options;
  const watch: { flow: Flow } = { flow: { kind, client: from, server: '', atMs: 0 } };
  const change = (changes: Partial<Flow>) => {
    watch.flow = { ...watch.flow, ...changes };
  };
  const onread = {
    buffer: Buffer.alloc(PIECE_BYTES),
    callback: (count: number, buffer: Uint8Array) => {
      const text = Buffer.from(buffer.subarray(0, count)).toString('latin1');
      const server = /^X-Server: (\S+)/m.exec(text)?.[1] ?? watch.flow.server;
      change({ atMs: Date.now(), server });
      void goOn(kind, socket);
      return kind === 'requests';
    },
  };
  const socket = connect({ host, port, localAddress: from, onread });
  socket.once('connect', () => {
    change({ client: `${from}:${socket.localPort}` });
    socket.write(request(kind === 'download' ? options.longPage : '/'));
  });
  socket.once('error', ({ message }) => change({ lost: message }));
  socket.once('close', () => change({ lost: watch.flow.lost ?? 'closed by the server' }));
  return watch;
}

async function goOn(kind: FlowKind, socket: Socket): Promise<void> {
  await sleep(PAUSE_MS);
  if (kind === 'download') socket.resume();
  else if (socket.writable) socket.write(request('/'));
}

function request(page: string): string {
  return `GET ${page} HTTP/1.1\r\nHost: ${options.address}\r\n\r\n`;
}
