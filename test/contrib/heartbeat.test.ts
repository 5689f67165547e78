import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
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
      const answer = `[ "$1" = --version ] || { echo "$* not running OK"; exit ${exitCode}; }`;
      const program = writeScript(t, `#!/bin/sh\n${answer}\n`);
      const status = await call('/', program, 'ldirectord', 'running.cf', 'status');
      assert.deepEqual([status.exitCode, status.stdout], [exitCode, word]);
      assert.equal(status.stderr, 'status --monitor 0 -- running.cf not running OK');
    });
  }
});

/** Programs that are missing, or that Node cannot run. */
const without = {
  'no program': () => '/nowhere/ipvsd',
  'a program without Node': (t: TestContext) => writeScript(t, '#!/nowhere/node\n'),
  'a program that Node refuses': (t: TestContext) => writeScript(t, '#!/bin/sh\nexit 1\n'),
} as const;

for (const [what, programFor] of Object.entries(without)) {
  it(`ldirectord: with ${what}, what is not there is stopped`, async (t) => {
    const program = programFor(t);
    const status = await call('/', program, 'ldirectord', 'none-such.cf', 'status');
    assert.deepEqual([status.exitCode, status.stdout], [3, 'stopped']);
    const stop = await call('/', program, 'ldirectord', 'none-such.cf', 'stop');
    assert.deepEqual([stop.exitCode, stop.stdout], [0, '']);
  });

  it(`LVSSyncDaemonSwap: with ${what}, heartbeat neither gives up nor restarts the machine`, async (t) => {
    const program = programFor(t);
    const stop = await call('/', program, 'LVSSyncDaemonSwap', 'master', 'stop');
    assert.equal(stop.exitCode, 0);
    const said = `: master goes on if it runs, expected ${program} to run`;
    assert.ok(stop.stderr.endsWith(said), stop.stderr);
    const start = await call('/', program, 'LVSSyncDaemonSwap', 'master', 'start');
    assert.equal(start.exitCode, 0);
    assert.match(start.stderr, /: master not started: connections will not outlive a takeover$/);
    const status = await call('/', program, 'LVSSyncDaemonSwap', 'master', 'status');
    assert.notEqual(status.exitCode, 0);
    assert.equal(status.stdout, '');
  });
}

describe('LVSSyncDaemonSwap', () => {
  /** A program that answers, but for the calls named. */
  const refusing = (t: TestContext, calls: string) =>
    writeScript(t, `#!/bin/sh\necho "$*"\ncase $* in ${calls}) exit 1 ;; esac\n`);

  it('starts a role before it stops the other one, which goes on where that failed', async (t) => {
    const start = (program: string) => call('/', program, 'LVSSyncDaemonSwap', 'master', 'start');
    const calls = ['sync start master eth0 --syncid 0', 'sync stop backup'];
    const well = await start(refusing(t, 'none'));
    assert.deepEqual([well.exitCode, well.stdout.split('\n')], [0, calls]);
    const refused = await start(refusing(t, '"sync start"*'));
    assert.deepEqual([refused.exitCode, refused.stdout], [0, calls[0]]);
    assert.match(refused.stderr, /: master not started: /);
    const both = await start(refusing(t, '"sync stop"*'));
    assert.deepEqual([both.exitCode, both.stdout.split('\n')], [0, calls]);
    assert.match(both.stderr, /: backup not stopped$/);
  });

  it('may fail before heartbeat starts, which starts all the same', () => {
    const recipe = join(contrib, 'examples/two-networks-heartbeat/README.md');
    const unit = /^ *ExecStartPre=-\/etc\/ha\.d\/resource\.d\/LVSSyncDaemonSwap master stop$/m;
    assert.match(readFileSync(recipe, 'utf8'), unit);
  });

  it('calls a stop that a program refused a failure', async (t) => {
    const program = refusing(t, '"sync stop"*');
    const { exitCode } = await call('/', program, 'LVSSyncDaemonSwap', 'master', 'stop');
    assert.equal(exitCode, 1);
  });
});
