import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CheckOutcome } from '../../src/checks/check.ts';
import { runCheck } from '../../src/checks/registry.ts';
import type { NegotiateCheck } from '../../src/config/check-model.ts';
import type { Endpoint } from '../../src/config/endpoint.ts';
import { startFtpServer } from '../support/ftp-server.ts';
import { startLineServer } from '../support/line-server.ts';
import { negotiateCheck } from '../support/negotiate-check.ts';
import { refusingEndpoint } from '../support/tcp-server.ts';

const credentials = { login: 'anonymous', passwd: 'ldirectord@host' };
const transfer = { ...credentials, request: '/pub/ok.txt', receive: 'Test P.ge' };
const fetched = { up: true, reason: '"/pub/ok.txt" fetched' };

describe('the check of ftp', () => {
  for (const address of ['127.0.0.1', '::1']) {
    it(`fetches the file from ${address} over a passive connection`, async (t) => {
      const server = await startFtpServer(t, { address });
      assert.deepEqual(await check(server.endpoint, transfer), fetched);
      await server.closed(1);
      assert.deepEqual(server.lines, [
        'USER anonymous',
        'PASS ldirectord@host',
        'TYPE I',
        'EPSV',
        'RETR /pub/ok.txt',
        'QUIT',
      ]);
      assert.deepEqual(server.errors, []);
    });
  }

  it('uses PASV where EPSV is refused, and only the port of the answer', async (t) => {
    const server = await startFtpServer(t, { replies: { EPSV: '502 not here' } });
    assert.deepEqual(await check(server.endpoint, transfer), fetched);
    assert.deepEqual(server.lines.slice(3, 5), ['EPSV', 'PASV']);
  });

  it('is down over IPv6 when EPSV is refused, as PASV has no IPv6', async (t) => {
    const server = await startFtpServer(t, { address: '::1', replies: { EPSV: '502 not here' } });
    const reason = '"/pub/ok.txt" not fetched: 502 not here';
    assert.deepEqual(await check(server.endpoint, transfer), { up: false, reason });
  });

  it('is down when the file does not match', async (t) => {
    const server = await startFtpServer(t);
    const outcome = await check(server.endpoint, { ...transfer, receive: 'test page' });
    const reason = '"/pub/ok.txt" fetched, but "receive" does not match';
    assert.deepEqual(outcome, { up: false, reason });
  });

  it('looks at the first MiB of a file and does not wait for more', async (t) => {
    const chunk = Buffer.alloc(64 * 1024, 'x');
    const server = await startFtpServer(t, {
      replies: { RETR: '150 coming' },
      serveData(socket) {
        const more = (): void => {
          while (socket.writable && socket.write(chunk));
        };
        socket.on('drain', more);
        socket.on('error', () => {});
        more();
      },
    });
    const outcome = await check(server.endpoint, transfer);
    const reason = '"/pub/ok.txt" fetched, but "receive" does not match in the first 1048576 bytes';
    assert.deepEqual(outcome, { up: false, reason });
    assert.deepEqual(await check(server.endpoint, { ...transfer, receive: '^x' }), fetched);
  });

  for (const [what, replies, refusal] of [
    ['has no such file', { RETR: '550 no such file' }, '550 no such file'],
    ['breaks off the transfer', { RETR: '150 coming\r\n451 disk' }, '451 disk'],
    ['gives no data connection', { EPSV: '425 no', PASV: '425 no port' }, '425 no port'],
    ['cannot send bytes as they are', { TYPE: '504 text only' }, '504 text only'],
  ] as const) {
    it(`is down when the server ${what}`, async (t) => {
      const server = await startFtpServer(t, { replies });
      const outcome = await check(server.endpoint, transfer);
      const reason = `"/pub/ok.txt" not fetched: ${refusal}`;
      assert.deepEqual(outcome, { up: false, reason });
      await server.closed(1);
      assert.equal(server.lines.at(-1), 'QUIT');
    });
  }

  it('is down when the data port is closed', async (t) => {
    const { port } = await refusingEndpoint();
    const server = await startFtpServer(t, { replies: { EPSV: `229 (|||${port}|)` } });
    const reason = '"/pub/ok.txt" not fetched: data connection: connection refused';
    assert.deepEqual(await check(server.endpoint, transfer), { up: false, reason });
  });

  it('is content with the login without receive, and fetches nothing', async (t) => {
    const server = await startFtpServer(t);
    const outcome = await check(server.endpoint, { ...transfer, receive: '' });
    assert.deepEqual(outcome, { up: true, reason: '230 welcome' });
    await server.closed(1);
    assert.deepEqual(server.lines, ['USER anonymous', 'PASS ldirectord@host', 'QUIT']);
  });

  it('needs no password where USER is enough', async (t) => {
    const server = await startFtpServer(t, { replies: { USER: '230 come in' } });
    const outcome = await check(server.endpoint, credentials);
    assert.deepEqual(outcome, { up: true, reason: '230 come in' });
  });

  it('is content with the greeting without receive and login', async (t) => {
    const greeting = '220-two\r\n220 is said here\r\n 220 lines';
    const server = await startFtpServer(t, { greeting });
    const outcome = await check(server.endpoint);
    assert.deepEqual(outcome, { up: true, reason: '220 is said here' });
    await server.closed(1);
    assert.deepEqual(server.lines, ['QUIT']);
  });

  it('is anonymous when there is something to fetch and no login', async (t) => {
    const server = await startFtpServer(t);
    const outcome = await check(server.endpoint, { request: '/pub/ok.txt', receive: 'Test' });
    assert.deepEqual(outcome, fetched);
    assert.deepEqual(server.lines.slice(0, 2), ['USER anonymous', 'PASS ']);
  });

  it('reads replies of many lines, and waits after 120', async (t) => {
    const server = await startFtpServer(t, {
      greeting: '120 soon\r\n220-hello\r\n 220 not yet\r\n2200\r\n220-nor now\r\n220 now',
      replies: { PASS: '230-\r\n530 is only text\r\n230 welcome' },
    });
    const outcome = await check(server.endpoint, credentials);
    assert.deepEqual(outcome, { up: true, reason: '230 welcome' });
  });

  for (const [replies, refusal] of [
    [{ PASS: '530 Login incorrect.' }, '530 Login incorrect.'],
    [{ USER: '530 no anonymous' }, '530 no anonymous'],
    [{ PASS: '332 account?' }, '332 account?'],
  ] as const) {
    it(`is down when the login is answered by ${refusal}`, async (t) => {
      const server = await startFtpServer(t, { replies });
      const outcome = await check(server.endpoint, credentials);
      assert.deepEqual(outcome, { up: false, reason: `login refused: ${refusal}` });
    });
  }

  for (const [greeting, reason] of [
    ['421 too many', '421 too many'],
    ['SSH-2.0-OpenSSH_9.2', 'not an FTP reply: SSH-2.0-OpenSSH_9.2'],
  ] as const) {
    it(`is down when greeted by ${greeting.slice(0, 20)}`, async (t) => {
      const server = await startFtpServer(t, { greeting });
      assert.deepEqual(await check(server.endpoint), { up: false, reason });
    });
  }

  it('is down when a line never ends', async (t) => {
    const server = await startLineServer(t, { greeting: `220 ${'x'.repeat(200_000)}` });
    const reason = 'the answer has a line without end';
    assert.deepEqual(await check(server.endpoint), { up: false, reason });
  });

  it('is down when the port is closed, receive or not', async () => {
    for (const changes of [{}, credentials, transfer]) {
      const outcome = await check(await refusingEndpoint(), changes);
      assert.deepEqual(outcome, { up: false, reason: 'connection refused' });
    }
  });

  it('refuses words that would be more than one line', async () => {
    const closed = await refusingEndpoint();
    for (const name of ['login', 'passwd', 'request']) {
      const outcome = await check(closed, { ...transfer, [name]: 'x\r\nDELE y' });
      const reason = `${name}: expected one line, got a line break or NUL in it`;
      assert.deepEqual(outcome, { up: false, reason });
    }
  });

  for (const [what, options] of [
    ['says nothing', { greeting: '' }],
    ['does not answer to USER', { replies: { USER: '' } }],
    ['never ends its greeting', { greeting: '220-a\r\n220-b' }],
    ['sends nothing on the data connection', { serveData: () => {} }],
    ['does not say that the transfer is done', { replies: { RETR: '150 coming' } }],
  ] as const) {
    it(`is down at the deadline when the server ${what}`, async (t) => {
      const server = await startFtpServer(t, options);
      const outcome = await check(server.endpoint, { ...transfer, timeoutMs: 200 });
      assert.deepEqual(outcome, { up: false, reason: 'no answer within 200 ms' });
      await server.closed(1);
    });
  }
});

function check(target: Endpoint, changes: Partial<NegotiateCheck> = {}): Promise<CheckOutcome> {
  const definition = negotiateCheck(target, { service: 'ftp', ...changes });
  return runCheck(definition, { signal: AbortSignal.timeout(definition.timeoutMs) });
}
