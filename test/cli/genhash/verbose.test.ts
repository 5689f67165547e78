import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { callGenhash } from '../../support/call-genhash.ts';
import { segmentServer } from '../../support/segment-server.ts';

const ok = 'HTTP/1.0 200 OK\r\n';
const headerRows = [
  '0000  48 54 54 50 2f 31 2e 30 - 20 32 30 30 20 4f 4b 0d   HTTP/1.0 200 OK.',
  '0016  0a 43 6f 6e 74 65 6e 74 - 2d 4c 65 6e 67 74 68 3a   .Content-Length:',
  '0032  20 31 32 0d 0a 0d 0a    -                            12....         ',
];
const banners = {
  header: '-----------------------[    HTTP Header Buffer    ]-----------------------',
  ascii: '-----------------------[ HTTP Header Ascii Buffer ]-----------------------',
  body: '-----------------------[        HTML Buffer        ]-----------------------',
  hash: '-----------------------[    HTML hash resulting    ]-----------------------',
  result: '-----------------------[ HTML hash final resulting ]-----------------------',
};
const result = [
  '',
  banners.hash,
  '0000  6f 59 02 ac 23 70 24 bd - d0 c1 76 cb 93 06 3d c4   oY..#p$...v...=.',
  banners.result,
  '6f5902ac237024bdd0c176cb93063dc4',
  '',
  'Global response time for [/cl] = N usecs',
  '',
];

describe('genhash -v', () => {
  for (const mode of [[], ['--compat']]) {
    const show = async (
      t: Parameters<typeof segmentServer>[0],
      ...segments: readonly string[]
    ): Promise<readonly string[]> => {
      const { endpoint } = await segmentServer(t, { segments });
      const { stdout, exitCode } = await callGenhash(endpoint, ['-v', ...mode]);
      assert.equal(exitCode, 0);
      assert.match(stdout, / = [1-9]\d+ usecs\n$/);
      return stdout.replace(/\d+ usecs/, 'N usecs').split('\n');
    };

    it(`shows header, body and digest ${mode.join('')}`, async (t) => {
      assert.deepEqual(await show(t, `${ok}Content-Length: 12\r\n\r\nhello world\n`), [
        banners.header,
        ...headerRows,
        banners.ascii,
        'HTTP/1.0 200 OK\r',
        'Content-Length: 12\r',
        '\r',
        '',
        banners.body,
        '0000  68 65 6c 6c 6f 20 77 6f - 72 6c 64 0a               hello world.    ',
        ...result,
      ]);
    });

    it(`shows every read by itself ${mode.join('')}`, async (t) => {
      const segments = [ok, 'Content-Length: 12\r\n', '\r\n', 'hello ', 'world\n'];
      assert.deepEqual(await show(t, ...segments), [
        banners.header,
        banners.header,
        banners.header,
        ...headerRows,
        banners.ascii,
        'HTTP/1.0 200 OK\r',
        'Content-Length: 12\r',
        '\r',
        '',
        '0000  68 65 6c 6c 6f 20       -                           hello           ',
        '0000  77 6f 72 6c 64 0a       -                           world.          ',
        ...result,
      ]);
    });
  }

  it('shows a failure where it comes, and then the time, with --compat', async (t) => {
    const said = { segments: [`${ok}\r\nhel`], ending: 'reset' } as const;
    const { endpoint } = await segmentServer(t, said);
    const { stdout, exitCode } = await callGenhash(endpoint, ['-v', '--compat']);
    assert.equal(exitCode, 0);
    const [row, ...rest] = stdout.split('\n').slice(-6);
    assert.equal(row, banners.body);
    assert.deepEqual(
      rest.map((line) => line.replace(/\d+ usecs/, 'N usecs')),
      [
        '0000  68 65 6c                -                           hel             ',
        'Read error with',
        '',
        'Global response time for [/cl] = N usecs',
        '',
      ],
    );
  });

  it('counts the offset of a read in decimal, and has two rows for SHA-256', async (t) => {
    const { endpoint } = await segmentServer(t, { segments: [`${ok}\r\n${'x'.repeat(40)}`] });
    const { stdout } = await callGenhash(endpoint, ['-v', '--sha256']);
    const offsets = stdout.split('\n').flatMap((line) => /^\d{4}(?= {2})/.exec(line) ?? []);
    assert.deepEqual(offsets, ['0000', '0016', '0000', '0016', '0032', '0000', '0016']);
  });
});
