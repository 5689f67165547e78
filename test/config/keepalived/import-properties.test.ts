import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  type ImportResult,
  importKeepalived,
} from '../../../src/config/keepalived/import-keepalived.ts';
import { parseConfig } from '../../../src/config/load.ts';

/** Words that try to get out of their quotes, their line or their comment. */
const hostile = fc.string({
  unit: fc.constantFrom(
    ...['a', ' ', '#', '!', "'", '\\', '\\x0a', '\\x22', '\\n', '\\012', '\\cJ', '\r', '\v', '\f'],
    ...['\t', '\x1b', '\u2028', '\u0085', '“', '”', '=', '{', '}', '$', '@', '~', '/', '|', '\n'],
    ...['virtual=10.9.0.31:80', 'real=10.9.0.9:80 gate', '"'],
  ),
  maxLength: 12,
});

const places: Readonly<Record<string, (word: string) => string>> = {
  notify_up: (word) => `notify_up ${word}`,
  helo_name: (word) => `SMTP_CHECK {\n helo_name ${word}\n}`,
  name: (word) => `DNS_CHECK {\n name ${word}\n}`,
  path: (word) => `HTTP_GET {\n url {\n path ${word}\n status_code 200\n }\n}`,
  virtualhost: (word) => `HTTP_GET {\n virtualhost ${word}\n url {\n path /\n }\n}`,
  regex: (word) => `HTTP_GET {\n url {\n path /\n regex ${word}\n }\n}`,
  misc_path: (word) => `MISC_CHECK {\n misc_path ${word}\n}`,
  user: (word) => `MISC_CHECK {\n misc_path /bin/a\n user ${word}\n}`,
};

function imported(inServer: string): ImportResult {
  const text = `virtual_server 10.9.0.30 80 {
    protocol TCP
    real_server 10.9.0.2 80 {
        ${inServer}
    }
}
`;
  return importKeepalived(
    '/k/k.conf',
    { configId: 'lb1', environment: {} },
    { read: () => Buffer.from(text), kind: () => 'file', names: () => [] },
  );
}

describe('import, whatever a word says', () => {
  for (const [name, inServer] of Object.entries(places)) {
    it(`${name}: the new file has this server and no other line than it should`, async () => {
      await fc.assert(
        fc.asyncProperty(hostile, fc.boolean(), async (word, quoted) => {
          const { text } = imported(inServer(quoted ? `"${word}"` : word));
          if (text === undefined) return;
          assert.doesNotMatch(text, /[^\P{Cc}\t\n]/u);
          // "real=" and the like begin a line of the file only where the import put them
          const begins = (name: string) =>
            text.split('\n').filter((line) => new RegExp(`^\\s*${name}\\s*=`).test(line)).length;
          // U+2028 ends a line for "m" of a pattern, but in no file
          assert.equal(begins('virtual'), 1);
          assert.equal(begins('real'), 1);
          const { config } = await parseConfig(text, '/k/k.cf');
          if (config === undefined) return;
          assert.equal(config.virtuals.length, 1);
          assert.equal(config.virtuals[0]?.reals.length, 1);
        }),
        { numRuns: 120 },
      );
    });
  }
});
