import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { execa } from 'execa';
import { contrib, installCommand } from '../support/ha/agents.ts';
import { temporaryDirectory, writeScript } from '../support/script.ts';

/** A script, called in a folder as heartbeat calls it; what it starts is in test/ha/agents.test.ts. */
async function call(folder: string, program: string, script: string, ...words: readonly string[]) {
  const { exitCode, stdout, stderr } = await execa(join(contrib, 'heartbeat', script), [...words], {
    cwd: folder,
    env: { IPVSD: program },
    reject: false,
  });
  return { exitCode, stdout, stderr };
}

async function bench(t: TestContext) {
  const folder = temporaryDirectory(t);
  return { folder, program: await installCommand(folder) };
}

describe('ldirectord of heartbeat', () => {
  for (const name of ['sync', 'plan', 'status', 'stop', '-d', '--help', 'www.cf']) {
    it(`takes "${name}" for the name of a file`, async (t) => {
      const { folder, program } = await bench(t);
      writeFileSync(join(folder, name), 'nonsense=1\n');
      const start = await call(folder, program, 'ldirectord', name, 'start');
      assert.equal(start.exitCode, 2);
      assert.ok(start.stderr.includes(`${join(folder, name)}:1:1: `), start.stderr);
      const status = await call(folder, program, 'ldirectord', name, 'status');
      assert.deepEqual([status.exitCode, status.stdout], [3, 'stopped']);
      assert.match(status.stderr, new RegExp(`^ipvsd ${join(folder, name)} stopped$`));
    });
  }

  it('stops what is stopped, though its file is gone', async (t) => {
    const { folder, program } = await bench(t);
    const { exitCode, stderr } = await call(folder, program, 'ldirectord', 'nowhere.cf', 'stop');
    assert.deepEqual([exitCode, stderr], [0, 'ipvsd: Config file nowhere.cf not found']);
  });

  for (const [exitCode, word] of [
    [0, 'running'],
    [1, 'failed'],
    [3, 'stopped'],
  ] as const) {
    it(`says nothing but "${word}", whatever the file is called`, async (t) => {
      const program = writeScript(t, `#!/bin/sh\necho "$* not running OK"\nexit ${exitCode}\n`);
      const status = await call('/', program, 'ldirectord', 'running.cf', 'status');
      assert.deepEqual([status.exitCode, status.stdout], [exitCode, word]);
      assert.equal(status.stderr, 'status --monitor 0 -- running.cf not running OK');
    });
  }
});

it('LVSSyncDaemonSwap: a stop without the program costs no restart of the machine', async (t) => {
  const swap = (program: string) => call('/', program, 'LVSSyncDaemonSwap', 'master', 'stop');
  const missing = await swap('/nowhere/ipvsd');
  assert.equal(missing.exitCode, 0);
  assert.match(
    missing.stderr,
    /: master goes on if it runs, expected \/nowhere\/ipvsd to be there$/,
  );
  assert.equal((await swap(writeScript(t, '#!/bin/sh\nexit 1\n'))).exitCode, 1);
});
