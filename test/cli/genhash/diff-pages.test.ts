import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { Endpoint } from '../../../src/config/endpoint.ts';
import { callGenhash } from '../../support/call-genhash.ts';
import { segmentServer } from '../../support/segment-server.ts';
import { startTcpServer } from '../../support/tcp-server.ts';

/** Answers with one body after the other, the last again and again. */
async function bodies(t: TestContext, ...texts: readonly string[]): Promise<Endpoint> {
  let next = 0;
  const { endpoint } = await startTcpServer(t, (socket) => {
    socket.once('data', () => {
      const text = texts[Math.min(next++, texts.length - 1)];
      socket.end(`HTTP/1.0 200 OK\r\n\r\n${text}`, 'latin1');
    });
  });
  return endpoint;
}

describe('genhash --diff', { concurrency: true }, () => {
  it('has the digest of a page that stays', async (t) => {
    const { endpoint } = await segmentServer(t, {
      segments: ['HTTP/1.0 200 OK\r\n\r\nhello world\n'],
    });
    assert.deepEqual(await callGenhash(endpoint, ['--diff']), {
      exitCode: 0,
      stdout:
        '/cl: 200 OK, 12 bytes, twice the same\n\tdigest = 6f5902ac237024bdd0c176cb93063dc4\n',
      stderr: '',
    });
  });

  it('shows what differs, and proposes the title', async (t) => {
    const text = (time: string, id: string): string =>
      `<html><title>Shop of Ours</title>\n<p>It is ${time}.</p>\n<p>id ${id}</p>\n`;
    const endpoint = await bodies(t, text('12:00:01', 'a'), text('12:00:02', 'bcd'));
    assert.deepEqual(await callGenhash(endpoint, ['--diff']), {
      exitCode: 2,
      stdout: [
        '/cl: 200 OK, 69 and 71 bytes, differ in 2 places',
        '  first answer, byte 50:',
        '    /title>\\n<p>It is 12:00:0>>>1<<<.</p>\\n<p>id a</p>\\n',
        '  second answer, byte 50:',
        '    /title>\\n<p>It is 12:00:0>>>2<<<.</p>\\n<p>id bcd</p>\\n',
        '  first answer, byte 63:',
        '     is 12:00:01.</p>\\n<p>id >>>a<<<</p>\\n',
        '  second answer, bytes 63-65:',
        '     is 12:00:02.</p>\\n<p>id >>>bcd<<<</p>\\n',
        'a digest cannot work here; this text is in both:',
        '  in a check block: regex = "Shop of Ours"',
        '  beside checktype = negotiate: receive = "Shop of Ours"',
        '',
      ].join('\n'),
      stderr: '',
    });
  });

  it('says when there is nothing in common', async (t) => {
    const endpoint = await bodies(t, 'abcdef', 'uvwxyz');
    const { exitCode, stdout } = await callGenhash(endpoint, ['--diff']);
    assert.equal(exitCode, 2);
    assert.match(stdout, /no text in common: check the status alone\n$/);
  });

  it('fails when an answer does not come', async (t) => {
    const { endpoint } = await segmentServer(t, { segments: ['HTTP'] });
    const { exitCode, stdout, stderr } = await callGenhash(endpoint, ['--diff']);
    assert.deepEqual([exitCode, stdout], [1, '']);
    assert.match(stderr, /^ipvsd: genhash: \/cl: connection closed before .*\n$/);
  });
});
