import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { runCommand } from '../../src/daemon/run-command.ts';
import { temporaryDirectory, writeScript } from '../support/script.ts';

const never = new AbortController().signal;

describe('runCommand', () => {
  it('runs a command with its arguments as they are, input and environment', async (t) => {
    const script = writeScript(t, '#!/bin/sh\nprintf "%s|" "$@" "$X" "$(cat)" >"$1"\n');
    const out = join(temporaryDirectory(t), 'out');
    const argv = [script, out, 'a b', '$HOME', '*', ''];
    const options = { signal: never, input: 'text', env: { X: 'x' } };
    assert.equal(await runCommand(argv, options), undefined);
    assert.equal(readFileSync(out, 'utf8'), `${out}|a b|$HOME|*||x|text|`);
  });

  it('tells how a command failed', async (t) => {
    const script = writeScript(t, '#!/bin/sh\nexit 3\n');
    assert.equal(await runCommand([script], { signal: never }), 'exit code 3');
    const killed = writeScript(t, '#!/bin/sh\nkill -9 $$\n');
    assert.equal(await runCommand([killed], { signal: never }), 'killed by SIGKILL');
    assert.equal(await runCommand(['/no/such'], { signal: never }), 'command "/no/such" not found');
    const plain = writeScript(t, '#!/bin/sh\n', 0o644);
    assert.match((await runCommand([plain], { signal: never })) ?? '', /permission/);
  });

  it('an abort kills the command and what it started', async (t) => {
    const pidFile = join(temporaryDirectory(t), 'pid');
    const script = writeScript(t, `#!/bin/sh\nsleep 60 & echo $! >${pidFile}; wait\n`);
    const controller = new AbortController();
    const running = runCommand([script], { signal: controller.signal });
    while (!existsSync(pidFile) || readFileSync(pidFile, 'utf8') === '') await sleep(10);
    const child = Number(readFileSync(pidFile, 'utf8'));
    controller.abort(new Error('no end within 30 s'));
    assert.equal(await running, 'killed: no end within 30 s');
    for (let i = 0; i < 500 && isAlive(child); i++) await sleep(10);
    assert.equal(isAlive(child), false);
  });

  it('does not wait for a service that a command leaves behind with its output open', async (t) => {
    const pidFile = join(temporaryDirectory(t), 'pid');
    const script = writeScript(t, `#!/bin/sh\nsleep 60 & echo $! >${pidFile}\n`);
    assert.equal(await runCommand([script], { signal: never }), undefined);
    const left = Number(readFileSync(pidFile, 'utf8'));
    assert.equal(isAlive(left), true);
    process.kill(left);
  });
});

/** A zombie that nobody waits for is dead too. */
function isAlive(pid: number): boolean {
  try {
    return !/^State:\tZ/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
