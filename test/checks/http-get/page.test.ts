import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fetchPage } from '../../../src/checks/http-get/page.ts';
import { segmentServer } from '../../support/segment-server.ts';

const header = 'HTTP/1.0 200 OK\r\n\r\n';
const request = Buffer.from('GET / HTTP/1.0\r\n\r\n');
const { signal } = new AbortController();
const settings = { verify: 'none', sni: '', certWarnDays: 0 } as const;

describe('fetchPage', () => {
  it('keeps the beginning of a body, however it comes, and no more', async (t) => {
    const whole = randomBytes(300_000);
    const cuts = Array.from({ length: 200 }, (_, i) => whole.subarray(i, i + 1));
    const segments = [header, ...cuts, whole.subarray(200)];
    const { endpoint: target } = await segmentServer(t, { segments, pauseMs: 0 });
    for (const keep of [0, 1, 150, 100_000, 300_000, 400_000]) {
      const { body, bodyLength } = await fetchPage({ target, request, signal }, { keep });
      assert.deepEqual(body, whole.subarray(0, keep), `keep ${keep}`);
      assert.equal(bodyLength, whole.length);
    }
  });

  for (const transport of ['plain', 'tls'] as const) {
    it(`reads no more over ${transport} while the watcher has no room, for as long as that is`, async (t) => {
      const whole = randomBytes(3_000_000);
      const { endpoint: target } = await segmentServer(t, { segments: [header, whole], transport });
      const seen: Buffer[] = [];
      let isFull = false;
      let inSpite = 0;
      const tls = transport === 'tls' ? { settings, expectedName: '' } : undefined;
      // less than the waiting for room
      const fetch = { target, tls, request, signal, limitMs: 1000 };
      const watch = {
        body: (bytes: Buffer) => {
          if (isFull) inSpite += bytes.length;
          seen.push(Buffer.from(bytes));
        },
        room: () => {
          if (seen.length > 1) return undefined;
          isFull = true;
          return sleep(1200).then(() => {
            isFull = false;
          });
        },
      };
      const { bodyLength } = await fetchPage(fetch, { keep: 0 }, watch);
      // over TLS one read from the connection holds several records
      assert.ok(inSpite <= 200_000, `${inSpite} bytes`);
      assert.equal(bodyLength, whole.length);
      assert.deepEqual(Buffer.concat(seen), whole);
    });
  }
});
