import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { importKeepalived } from '../../../src/config/keepalived/import-keepalived.ts';
import { temporaryDirectory } from '../../support/script.ts';

/** What comes of a file with one server, and what has to be told of its blocks. */
function imported(t: TestContext, virtual: string, real: string, check: string) {
  const path = join(temporaryDirectory(t), 'keepalived.conf');
  const inner = `${real} {\nweight 2\n${check} {\nconnect_timeout 3\n}\n}`;
  writeFileSync(path, `${virtual} {\nlvs_sched rr\nlvs_method DR\nprotocol TCP\n${inner}\n}\n`);
  const { text, findings } = importKeepalived(path, { configId: 'x', environment: {} });
  const lines = text?.split('\n').filter((line) => !line.startsWith('#'));
  const told = findings.filter(({ kind }) => kind === 'hand' || kind === 'error');
  return { lines, told: told.map(({ kind, keyword, message }) => `${kind} ${keyword} ${message}`) };
}

const [virtual, real, check] = [
  'virtual_server 10.9.0.30 80',
  'real_server 10.9.0.2 80',
  'TCP_CHECK',
];

describe('words between a block keyword with its parameters and the brace', () => {
  it('are passed over with a remark, as keepalived does without one', (t) => {
    const plain = imported(t, virtual, real, check);
    assert.deepEqual(plain.told, []);
    const more = imported(t, `${virtual} one`, `${real} two words`, `${check} three`);
    assert.deepEqual(more.lines, plain.lines);
    const advice =
      'in its line is ignored, as keepalived does: what is to count needs a line of its own';
    assert.deepEqual(more.told, [
      `hand virtual_server "one" ${advice}`,
      `hand real_server "two words" ${advice}`,
      `hand TCP_CHECK "three" ${advice}`,
    ]);
  });

  it('are an error where the port should be', (t) => {
    for (const port of ['8o', 'word', '70000']) {
      const { lines, told } = imported(t, virtual, `real_server 10.9.0.2 ${port} word`, check);
      assert.equal(lines, undefined);
      assert.match(told.join('\n'), /^error real_server expected an IPv4 .*, got "10\.9\.0\.2 /m);
    }
  });
});
