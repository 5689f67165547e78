import { createHash } from 'node:crypto';
import { type Answer, decode, encode } from 'dns-packet';
import type { TcpService, UdpService } from './service.ts';

const names: readonly Answer[] = [
  { type: 'A', name: 'www.example.com', data: '1.2.3.4' },
  { type: 'PTR', name: '4.3.2.1.in-addr.arpa', data: 'www.example.com' },
];
/** RFC 1035, 4.1.1. */
const noSuchName = 3;

/** DNS with one name and its address; a server that is not well knows no name. */
export const dnsService: UdpService = (query, isWell) => {
  const { id, questions = [] } = decode(query);
  const answers = names.filter(({ name, type }) =>
    questions.some((question) => question.name === name && question.type === type),
  );
  const known = isWell && answers.length > 0;
  const flags = known ? 0 : noSuchName;
  return encode({ type: 'response', id, flags, questions, answers: known ? answers : [] });
};

/** The same over TCP, each message with its length before it (4.2.2); one question a connection. */
export const dnsStreamService: TcpService = (socket, isWell) => {
  socket.once('data', (framed: Buffer) => {
    const answer = dnsService(framed.subarray(2), isWell) ?? Buffer.alloc(0);
    const length = Buffer.alloc(2);
    length.writeUInt16BE(answer.length);
    socket.end(Buffer.concat([length, answer]));
  });
};

/** SIP (RFC 3261, 8.2.6): the answer has the headers of the request that tell whose it is. */
export const sipService: UdpService = (request, isWell) => {
  const kept = request
    .toString('latin1')
    .split('\r\n')
    .filter((line) => /^(Via|From|To|Call-ID|CSeq):/.test(line));
  const status = isWell ? 'SIP/2.0 200 OK' : 'SIP/2.0 404 Not Found';
  return Buffer.from([status, ...kept, 'Content-Length: 0', '', ''].join('\r\n'), 'latin1');
};

export const sipStreamService: TcpService = (socket, isWell) => {
  socket.once('data', (request: Buffer) => {
    socket.write(sipService(request, isWell) ?? '');
  });
};

/** Answers PING with PONG; with something else when it is not well. */
export const pingService: UdpService = (request, isWell) =>
  request.toString('latin1') === 'PING\n' ? Buffer.from(isWell ? 'PONG\n' : 'GONE\n') : undefined;

export const pingStreamService: TcpService = (socket, isWell) => {
  socket.once('data', (request: Buffer) => {
    socket.end(pingService(request, isWell) ?? '');
  });
};

const secret = 'testing123';
const codes = { accept: 2, reject: 3 } as const;

/** RADIUS (RFC 2865, 3): lets anybody in when it is well; the answer proves that it knows the secret. */
export const radiusService: UdpService = (request, isWell) => {
  const code = isWell ? codes.accept : codes.reject;
  const head = Buffer.from([code, request[1] ?? 0, 0, 20]);
  const signed = Buffer.concat([head, request.subarray(4, 20), Buffer.from(secret)]);
  return Buffer.concat([head, createHash('md5').update(signed).digest()]);
};
