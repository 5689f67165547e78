import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { receiveSearch, SlowReceiveError } from '../../src/checks/receive-search.ts';
import { runCheck } from '../../src/checks/registry.ts';
import { negotiateCheck } from '../support/negotiate-check.ts';
import { startTcpServer } from '../support/tcp-server.ts';
import { startUdpServer } from '../support/udp-server.ts';

const endless = '^(a+)+$';
const answer = `${'a'.repeat(60)}!`;

describe('receiveSearch', () => {
  it('finds with and without a limit what the expression describes', () => {
    for (const receive of ['Test Page', 'Te.t [P]age$', 'Tes+t', '(?i)test|nothing', 'a{', '^T']) {
      const search = receiveSearch(receive);
      assert.equal(search.test('Test Page a{'.slice(0, receive === 'a{' ? 12 : 9)), true, receive);
      assert.equal(search.test('none'), false, receive);
    }
  });

  it('says where the match ends', () => {
    for (const receive of ['b', 'ab+', 'b|c']) {
      assert.equal(receiveSearch(receive).endOf('xabc'), 3);
      assert.equal(receiveSearch(receive).endOf('x'), undefined);
    }
  });

  it('gives up an expression that does not come to an end', () => {
    assert.throws(() => receiveSearch(endless).test(answer), SlowReceiveError);
    assert.throws(() => receiveSearch('(a|aa)+$').test(answer), SlowReceiveError);
  });

  it('has one limit for all lines of an answer', () => {
    const search = receiveSearch(endless);
    assert.throws(() => search.test(answer), SlowReceiveError);
    assert.throws(() => search.test(`${answer} `), SlowReceiveError);
    const begin = process.cpuUsage();
    for (let i = 0; i < 100; i++) assert.throws(() => search.test(answer), SlowReceiveError);
    assert.ok(process.cpuUsage(begin).user < 1_000_000);
  });

  it('searches a page of 1 MiB in lines to its end', () => {
    const page = `${'some text that is not it\n'.repeat(40_000)}the end: 42`;
    assert.equal(receiveSearch('end:\\s+\\d+$').test(page), true);
  });
});

describe('a check whose receive does not come to an end', () => {
  const reason = 'the regular expression takes too long on this answer, simplify it';
  const signal = AbortSignal.timeout(60_000);
  const page = `HTTP/1.1 200 OK\r\nContent-Length: ${answer.length}\r\n\r\n${answer}`;

  for (const [service, text] of [
    ['http', page],
    ['simpletcp', answer],
  ] as const) {
    it(`is down: ${service}`, async (t) => {
      const { endpoint } = await startTcpServer(t, (socket) => {
        socket.on('data', () => socket.end(text));
      });
      const definition = negotiateCheck(endpoint, { service, request: '/x', receive: endless });
      assert.deepEqual(await runCheck(definition, { signal }), { up: false, reason });
    });
  }

  it('is down: simpletcp over UDP', async (t) => {
    const { endpoint } = await startUdpServer(t, (datagram, reply) => reply(datagram));
    const changes = { service: 'simpletcp', protocol: 'udp', receive: endless } as const;
    const definition = negotiateCheck(endpoint, { ...changes, request: `/${answer}` });
    assert.deepEqual(await runCheck(definition, { signal }), { up: false, reason });
  });
});
