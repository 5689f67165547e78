import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { checkExternal } from '../../src/checks/external.ts';
import { runCheck } from '../../src/checks/registry.ts';
import type { ExternalCheck } from '../../src/config/check-model.ts';
import { isAlive } from '../support/is-alive.ts';
import { temporaryDirectory, writeScript } from '../support/script.ts';

const never = new AbortController().signal;

describe('checkExternal', () => {
  it('gives the four arguments without a shell', async (t) => {
    const log = join(temporaryDirectory(t), 'log');
    const command = writeScript(t, `#!/bin/sh\nprintf '<%s>' "$@" > ${log}\n`);
    const args = ['[fd00::1]', '0', '10.9.0.2', '$(id) *'] as const;
    const outcome = await checkExternal({ ...external(command), args }, { signal: never });
    assert.deepEqual(outcome, { up: true, reason: 'exit code 0' });
    assert.equal(readFileSync(log, 'utf8'), '<[fd00::1]><0><10.9.0.2><$(id) *>');
  });

  it('is down at any other exit code', async (t) => {
    const outcome = await run(writeScript(t, '#!/bin/sh\nexit 3\n'));
    assert.deepEqual(outcome, { up: false, reason: 'exit code 3' });
  });

  it('is down when the command dies of a signal', async (t) => {
    const outcome = await run(writeScript(t, '#!/bin/sh\nkill -SEGV $$\n'));
    assert.deepEqual(outcome, { up: false, reason: 'killed by SIGSEGV' });
  });

  it('is down when there is no such command, or none that may run', async (t) => {
    const missing = await run('/nowhere/check me');
    assert.deepEqual(missing, { up: false, reason: 'command "/nowhere/check me" not found' });
    const denied = await run(writeScript(t, '#!/bin/sh\n', 0o644));
    assert.equal(denied.up, false);
    assert.match(denied.reason, /permission to run it denied$/);
  });

  it('has /dev/null for input and output', async (t) => {
    const log = join(temporaryDirectory(t), 'log');
    const links = '/proc/$$/fd/0 /proc/$$/fd/1 /proc/$$/fd/2';
    const command = writeScript(t, `#!/bin/sh\nx=$(readlink ${links})\necho "$x" > ${log}\n`);
    assert.equal((await run(command)).up, true);
    assert.equal(readFileSync(log, 'utf8'), '/dev/null\n/dev/null\n/dev/null\n');
  });

  it('lets the command tidy up at the abort', async (t) => {
    const directory = temporaryDirectory(t);
    const [ready, tidy] = [join(directory, 'ready'), join(directory, 'tidy')];
    const command = writeScript(
      t,
      `#!/bin/sh\ntrap ': > ${tidy}; exit 0' TERM\n: > ${ready}\nwhile :; do sleep 0.02; done\n`,
    );
    const controller = new AbortController();
    const running = checkExternal(external(command), controller);
    while (!existsSync(ready)) await delay(10);
    controller.abort();
    await running;
    assert.equal(existsSync(tidy), true);
  });

  it('kills what ignores that, and what it started', async (t) => {
    const pids = join(temporaryDirectory(t), 'pids');
    const command = writeScript(
      t,
      `#!/bin/sh\ntrap '' TERM\nsleep 600 &\necho $! $$ > ${pids}.new\nmv ${pids}.new ${pids}\nwait\nwait\n`,
    );
    const controller = new AbortController();
    const running = checkExternal(external(command), controller);
    while (!existsSync(pids)) await delay(10);
    controller.abort();
    assert.deepEqual(await running, { up: false, reason: 'killed by SIGKILL' });
    for (const pid of readFileSync(pids, 'utf8').trim().split(' ')) {
      while (isAlive(Number(pid))) await delay(10);
    }
  });
});

const hasPerl = spawnSync('perl', ['-v']).status === 0;

describe('checkExternal with external-perl', { skip: hasPerl ? false : 'no perl here' }, () => {
  const scripts: readonly [name: string, text: string, up: boolean][] = [
    ['exit 0', 'exit 0;', true],
    ['exit 1', 'exit 1;', false],
    ['an end without exit', 'my $x = 1;', true],
    ['return', 'return;', true],
    ['die', 'die "no";', false],
    ['an error of syntax', 'if (', false],
    ['arguments in @_', 'exit($_[2] eq "10.9.0.2" ? 0 : 1);', true],
    ['arguments in @ARGV', 'exit("@ARGV" eq "10.9.0.30 80 10.9.0.2 8080" ? 0 : 1);', true],
    ['a comment at the end', 'exit 0; # done', true],
  ];
  for (const [name, text, up] of scripts) {
    it(`${name} is ${up ? 'up' : 'down'}`, async (t) => {
      const command = join(temporaryDirectory(t), 'check.pl');
      writeFileSync(command, text);
      const definition: ExternalCheck = { ...external(command), type: 'external-perl' };
      assert.equal((await checkExternal(definition, { signal: never })).up, up);
    });
  }

  it('is down when the script dies of a signal, or never ends', async (t) => {
    const script = (text: string): ExternalCheck => {
      const command = join(temporaryDirectory(t), 'check.pl');
      writeFileSync(command, text);
      return { ...external(command), type: 'external-perl' };
    };
    const dying = await checkExternal(script('kill 11, $$; sleep 600;'), { signal: never });
    assert.deepEqual(dying, { up: false, reason: 'killed by SIGSEGV' });
    const endless = script('1 while 1;');
    const outcome = await runCheck(endless, { signal: AbortSignal.timeout(300) });
    assert.deepEqual(outcome, { up: false, reason: `no answer within ${endless.timeoutMs} ms` });
  });

  it('is down when the file is missing', async () => {
    const definition: ExternalCheck = { ...external('/nowhere/x.pl'), type: 'external-perl' };
    assert.equal((await checkExternal(definition, { signal: never })).up, false);
  });
});

function run(command: string): ReturnType<typeof checkExternal> {
  return checkExternal(external(command), { signal: never });
}

function external(command: string): ExternalCheck {
  const args = ['10.9.0.30', '80', '10.9.0.2', '8080'] as const;
  return { type: 'external', command, args, timeoutMs: 5000 };
}
