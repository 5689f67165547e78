import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { callIpvsd } from '../support/call-ipvsd.ts';

const text = 'virtual=127.0.0.1:80\n        real=127.0.0.1:80 gate\n        checktype=connect\n';

describe('ipvsd doctor', () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'doctor-'));
  after(() => rmSync(directory, { recursive: true, force: true }));
  const write = (name: string, content: string): string => {
    const file = path.join(directory, name);
    writeFileSync(file, content);
    return file;
  };

  it('exits 2 when called wrongly, and for a broken or missing file', async () => {
    const whole = write('whole.cf', text);
    const rows = [
      [[], 'expected exactly one CONFIG'],
      [[whole, whole], 'expected exactly one CONFIG'],
      [[whole, '--foo'], "Unknown option '--foo'"],
      [
        [whole, '--peer', 'lb2', '--peer-facts', whole],
        'expected --peer or --peer-facts, got both',
      ],
      [[whole, '--peer=-oProxyCommand=x'], '--peer: expected a host, got "-oProxyCommand=x"'],
      [[whole, '--peer-facts', '/nowhere'], '/nowhere: no such file or directory'],
    ] as const;
    for (const [args, message] of rows) {
      const { exitCode, stdout, stderr } = await callIpvsd('doctor', ...args);
      assert.deepEqual([exitCode, stdout, stderr], [2, '', `ipvsd: doctor: ${message}\n`]);
    }
    for (const file of [write('broken.cf', 'virtual=x\n'), '/nowhere.cf']) {
      const { exitCode, stdout, stderr } = await callIpvsd('doctor', file);
      assert.deepEqual([exitCode, stdout], [2, '']);
      assert.match(stderr, /expected ADDRESS:PORT|can not open/);
    }
  });

  it('prints facts that another machine can be compared with', async () => {
    const file = write('whole.cf', text);
    const facts = await callIpvsd('doctor', file, '--facts');
    assert.equal(facts.exitCode, 0, facts.stderr);
    const saved = JSON.parse(facts.stdout);
    const run = async (peer: unknown) => {
      const peerFile = write('peer.json', JSON.stringify(peer));
      const call = await callIpvsd('doctor', file, '--json', '--peer-facts', peerFile);
      return JSON.parse(call.stdout).checks.find(
        ({ name }: { name: string }) => name === 'peer-file',
      );
    };
    assert.equal((await run(saved)).outcome, 'passed');
    assert.equal((await run({ ...saved, host: 'lb2', digest: 'x' })).outcome, 'found');
  });

  it('refuses a peer file that is something else', async () => {
    const file = write('whole.cf', text);
    for (const content of ['nonsense', '{}', '[]']) {
      const peer = write('other.json', content);
      const { exitCode, stderr } = await callIpvsd('doctor', file, '--peer-facts', peer);
      assert.equal(exitCode, 2);
      assert.match(
        stderr,
        /^ipvsd: doctor: \S+other\.json: expected [^\n]*"ipvsd doctor --facts"[^\n]*\n$/,
      );
    }
  });
});
