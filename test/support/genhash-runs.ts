import { createHash } from 'node:crypto';
import type { Segments } from './segment-server.ts';

/** One answer of a server, and what keepalived's genhash 2.2.7 made of it. */
export interface GenhashRun {
  readonly name: string;
  readonly answer: Segments;
  /** Besides server, port and url. */
  readonly args?: readonly string[];
  /** A digest, or keepalived's words for a failure; "" where it has them on stderr. */
  readonly stdout: string;
  /** The digest that ipvsd prints without --compat, or "failure", where that is something else. */
  readonly own?: string;
}

const ok = 'HTTP/1.0 200 OK\r\n';
const body = 'hello world\n';
const hello = '6f5902ac237024bdd0c176cb93063dc4';
const helloOnly = '5d41402abc4b2a76b9719d911017c592';
const whole = `${ok}Content-Length: 12\r\n\r\n${body}`;

const withLength = (length: string): Segments => ({
  segments: [`${ok}Content-Length:${length}\r\n\r\n${body}`],
});
const once = (...segments: (string | Buffer)[]): Segments => ({ segments });

/** A header of so many bytes, its empty line included. */
function header(length: number): string {
  return `${ok}X: ${'a'.repeat(length - ok.length - 7)}\r\n\r\n`;
}

const recorded: readonly GenhashRun[] = [
  { name: 'C-L 12', answer: once(whole), stdout: hello },
  { name: 'no C-L', answer: once(`${ok}\r\n${body}`), stdout: hello },
  { name: 'C-L 50', answer: withLength(' 50'), stdout: hello },
  {
    name: 'content-length: 5',
    answer: once(`${ok}content-length: 5\r\n\r\n${body}`),
    stdout: hello,
  },
  { name: 'C-L with blanks after it', answer: withLength('   5   '), stdout: hello },
  { name: 'C-L 5', answer: withLength(' 5'), stdout: helloOnly },
  {
    name: 'C-L 5, then C-L 12',
    answer: withLength(' 5\r\nContent-Length: 12'),
    stdout: helloOnly,
  },
  {
    name: 'X-Content-Length: 5',
    answer: once(`${ok}X-Content-Length: 5\r\n\r\n${body}`),
    stdout: helloOnly,
  },
  {
    name: 'C-L in the body',
    answer: once(`${ok}\r\nContent-Length: 3\r\nabc`),
    stdout: '90f910a44798e0d68879b43382042a40',
  },
  { name: 'C-L 0', answer: withLength(' 0'), stdout: 'd41d8cd98f00b204e9800998ecf8427e' },
  {
    name: 'chunked',
    answer: once(`${ok}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n7\r\n world\n\r\n0\r\n\r\n`),
    stdout: 'bc7a177b037c4358deab0abea4dbabc0',
  },
  {
    name: 'gzip',
    answer: once(`${ok}Content-Encoding: gzip\r\n\r\n\x1f\x8b\x08\0raw`),
    stdout: 'a563cafaaf2f795392c5db6172a143e5',
  },
  {
    name: '302',
    answer: once('HTTP/1.0 302 Found\r\nLocation: /other\r\nContent-Length: 3\r\n\r\n302'),
    stdout: '577bcc914f9e55d5e4e4f82f9f00e7d4',
  },
  {
    name: '404',
    answer: once('HTTP/1.0 404 Not Found\r\n\r\nnot found'),
    stdout: 'd8f4a1993546cc4b850cde3599e27aec',
  },
  {
    name: '500',
    answer: once('HTTP/1.0 500 Internal Server Error\r\n\r\noops'),
    stdout: '02c77002a0c646684b3325959fe147b2',
  },
  {
    name: 'status line without reason phrase',
    answer: once(`HTTP/1.0 200\r\n\r\n${body}`),
    stdout: hello,
  },
  {
    name: '100, then 200',
    answer: once(
      `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n${body}`,
    ),
    stdout: '14fa14fb000f4f3cc245a16fc0eb6aa8',
  },
  {
    name: 'LF-only header',
    answer: once(`HTTP/1.0 200 OK\nContent-Length: 12\n\n${body}`),
    stdout: '',
  },
  { name: 'no header', answer: once(body), stdout: '' },
  { name: 'nothing', answer: once(), stdout: '' },
  { name: 'cut header', answer: once(`${ok}Content-Le`), stdout: '' },
  { name: 'header of 4095 bytes', answer: once(header(4095) + body), stdout: hello },
  { name: 'header of 4096 bytes', answer: once(header(4096) + body), stdout: '' },
  { name: 'header of 5 KB', answer: once(header(5120) + body), stdout: '' },
  {
    name: 'one byte per segment',
    answer: { segments: whole.split(''), pauseMs: 5 },
    stdout: hello,
  },
  {
    name: '100000 x',
    answer: once(`${ok}Content-Length: 100000\r\n\r\n${'x'.repeat(100_000)}`),
    stdout: 'd5816f35916d1d9482fb0f1ec201101d',
  },
  {
    name: 'bytes 0..255, 400 times',
    answer: once(
      `${ok}\r\n`,
      Buffer.concat(Array.from({ length: 400 }, () => Buffer.from([...Array(256).keys()]))),
    ),
    stdout: '44d088cef136d178e9c8ba84c3fdf6ca',
  },
  {
    name: 'NUL bytes',
    answer: once(`${ok}\r\na\0b\0c\n`),
    stdout: '3c047b9a3800ce29c11a2a8919030175',
  },
  {
    name: 'a byte every 0.8 s, -t 1',
    answer: { segments: [`${ok}\r\n`, ...'aaaaa'.split('')], pauseMs: 800 },
    args: ['-t', '1'],
    stdout: '594f803b380a41396ed63dca39503542',
    own: 'failure',
  },
  {
    name: 'a byte every 0.8 s over TLS, -t 2',
    answer: { segments: [`${ok}\r\n`, ...'aaaaa'.split('')], pauseMs: 800, transport: 'tls' },
    args: ['-S', '-t', '2'],
    stdout: 'Timeout SSL read',
  },
  {
    name: 'connection kept for 6 s, -t 9',
    answer: { segments: [whole], holdMs: 6000 },
    args: ['-t', '9'],
    stdout: hello,
  },
  {
    name: 'connection kept for 6 s, -t 2',
    answer: { segments: [whole], holdMs: 6000 },
    args: ['-t', '2'],
    stdout: 'Timeout HTTP read',
    own: hello,
  },
  {
    name: 'reset after part of the body',
    answer: { segments: [`${ok}Content-Length: 12\r\n\r\nhel`], ending: 'reset' },
    stdout: 'Read error with',
  },
  {
    name: 'TCP dropped under TLS',
    answer: { segments: [whole], transport: 'tls', ending: 'drop' },
    args: ['-S'],
    stdout: hello,
  },
];

const md5 = (text: string): string => createHash('md5').update(text, 'latin1').digest('hex');

/** More of the same kind, recorded later. */
const further: readonly GenhashRun[] = [
  { name: 'over TLS', answer: { ...once(whole), transport: 'tls' }, args: ['-S'], stdout: hello },
  {
    name: 'reset when all has come',
    answer: { segments: [whole], ending: 'reset' },
    stdout: 'Read error with',
    own: hello,
  },
  {
    name: 'reset after part of the body over TLS',
    answer: {
      segments: [`${ok}Content-Length: 12\r\n\r\nhel`],
      transport: 'tls',
      ending: 'reset',
    },
    args: ['-S'],
    stdout: md5('hel'),
    own: 'failure',
  },
  {
    name: 'reset in the header over TLS',
    answer: { segments: [ok], transport: 'tls', ending: 'reset' },
    args: ['-S'],
    stdout: '',
  },
  {
    name: 'cut header over TLS',
    answer: { segments: [ok], transport: 'tls' },
    args: ['-S'],
    stdout: 'SSL read error from',
  },
  {
    name: 'no byte, -t 1',
    answer: { segments: [], ending: 'hang' },
    args: ['-t', '1'],
    stdout: 'Timeout WEB read',
  },
  {
    name: 'no byte over TLS, -t 1',
    answer: { segments: [], ending: 'hang', transport: 'tls' },
    args: ['-S', '-t', '1'],
    stdout: 'Timeout SSL read',
  },
  {
    name: 'stall in the header, -t 1',
    answer: { segments: [ok], ending: 'hang' },
    args: ['-t', '1'],
    stdout: 'Timeout HTTP read',
  },
  {
    name: 'TLS to a server that says nothing, -t 1',
    answer: { segments: [], transport: 'plain-silent' },
    args: ['-S', '-t', '1'],
    stdout: 'Timeout connecting',
  },
  {
    name: 'TLS to a server that answers in plain text',
    answer: once('HTTP/1.1 400 Bad Request\r\n\r\n'),
    args: ['-S'],
    stdout: 'SSL handshake/communication error connecting to',
  },
  {
    name: 'TLS to a server that closes',
    answer: once(),
    args: ['-S'],
    stdout: 'SSL handshake/communication error connecting to',
  },
  {
    name: 'TLS to a server that resets',
    answer: { segments: [], ending: 'reset' },
    args: ['-S'],
    stdout: 'Connection failed',
  },
  { name: 'C-L +5', answer: withLength('+5'), stdout: helloOnly },
  { name: 'C-L -5', answer: withLength('-5'), stdout: hello },
  { name: 'C-L 5x', answer: withLength('5x'), stdout: hello },
  { name: 'empty C-L', answer: withLength(''), stdout: md5('') },
  {
    name: 'empty C-L, digits first in the body',
    answer: once(`${ok}Content-Length:\r\n\r\n5\nabcdefgh`),
    stdout: md5('5\nabc'),
  },
  { name: 'C-L on the next line', answer: withLength('\r\n 5'), stdout: helloOnly },
  { name: 'C-L of 2^64', answer: withLength('18446744073709551616'), stdout: hello },
  {
    name: 'C-L after a NUL',
    answer: once(`${ok}X: a\0b\r\nContent-Length: 5\r\n\r\n${body}`),
    stdout: hello,
  },
  {
    name: 'C-L in the body, later than the header',
    answer: once(`${ok}\r\n`, 'Content-Length: 3\r\nabc'),
    stdout: md5('Content-Length: 3\r\nabc'),
  },
];

/** With -v, where the reads show. */
const verbose: readonly GenhashRun[] = [
  { name: '-v', answer: once(whole), stdout: hello },
  { name: '-v over TLS', answer: { ...once(whole), transport: 'tls' as const }, stdout: hello },
  { name: '-v C-L 5', answer: withLength(' 5'), stdout: helloOnly },
  {
    name: '-v C-L 5 in pieces',
    answer: once(`${ok}Content-Length: 5\r\n\r\nhel`, 'lo w', 'orld\n'),
    stdout: helloOnly,
  },
  {
    name: '-v in pieces',
    answer: once(ok, 'Content-Length: 12\r\n', '\r\n', 'hello ', 'world\n'),
    stdout: hello,
  },
  { name: '-v empty', answer: withLength(' 0'), stdout: md5('') },
  { name: '-v odd bytes', answer: once(`${ok}X: \xe4\x7f\0\x80\r\n\r\n\0a`), stdout: md5('\0a') },
  {
    name: '-v long',
    answer: once(`${ok}\r\n${'x'.repeat(70_000)}`),
    stdout: md5('x'.repeat(70_000)),
  },
  {
    name: '-v long over TLS',
    answer: {
      segments: [`${ok}\r\n${'x'.repeat(1000)}`, 'y'.repeat(19_000)],
      transport: 'tls' as const,
    },
    stdout: md5('x'.repeat(1000) + 'y'.repeat(19_000)),
  },
  { name: '-v header of 4094 bytes', answer: once(header(4094) + body), stdout: hello },
  { name: '-v header of 4096 bytes', answer: once(header(4096) + body), stdout: '' },
  { name: '-v nothing', answer: once(), stdout: '' },
  { name: '-v cut header', answer: once(`${ok}X: a\r\n`, 'Content'), stdout: '' },
  {
    name: '-v reset',
    answer: { segments: [`${ok}\r\nhel`], ending: 'reset' as const },
    stdout: 'Read error with',
  },
].map((run) => ({ ...run, args: run.answer.transport === 'tls' ? ['-S', '-v'] : ['-v'] }));

export const genhashRuns = { recorded, further, verbose };
