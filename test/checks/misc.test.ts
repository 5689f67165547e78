import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { checkMisc } from '../../src/checks/misc.ts';
import type { MiscCheck } from '../../src/config/block-checks.ts';
import { isAlive } from '../support/is-alive.ts';
import { runToDeadline } from '../support/run-to-deadline.ts';
import { temporaryDirectory, writeScript } from '../support/script.ts';

describe('checkMisc', () => {
  it('is up at exit code 0 and down at any other', async (t) => {
    for (const code of [0, 1, 2, 7, 255]) {
      const outcome = await runToDeadline(misc(writeScript(t, `#!/bin/sh\nexit ${code}\n`)));
      assert.deepEqual(outcome, { up: code === 0, reason: `exit code ${code}` });
    }
  });

  const dynamic: readonly [code: number, weight: number | undefined, up: boolean][] = [
    [0, undefined, true],
    [1, undefined, false],
    [2, 0, true],
    [3, 1, true],
    [102, 100, true],
    [255, 253, true],
  ];
  for (const [code, weight, up] of dynamic) {
    it(`with dynamic, exit code ${code} is ${weight === undefined ? '' : `weight ${weight}, `}${up ? 'up' : 'down'}`, async (t) => {
      const command = writeScript(t, `#!/bin/sh\nexit ${code}\n`);
      const outcome = await runToDeadline(misc(command, { dynamic: true }));
      assert.equal(outcome.up, up);
      const effect = weight === undefined ? undefined : { kind: 'weight', weight };
      assert.deepEqual(outcome.effect, effect);
    });
  }

  it('hands over words without a shell', async (t) => {
    const log = join(temporaryDirectory(t), 'log');
    const command = writeScript(t, `#!/bin/sh\nprintf '<%s>' "$@" > ${log}\n`);
    const line = `${command} 'a b' "c \\"d" $(id) e\\ f`;
    assert.equal((await runToDeadline(misc(line))).up, true);
    assert.equal(readFileSync(log, 'utf8'), '<a b><c "d><$(id)><e f>');
  });

  it('is down with a reason when the command is missing, may not run, or cannot be read', async (t) => {
    const missing = await runToDeadline(misc('/nowhere/check x'));
    assert.deepEqual(missing, { up: false, reason: 'command "/nowhere/check" not found' });
    const denied = await runToDeadline(misc(writeScript(t, '#!/bin/sh\n', 0o644)));
    assert.equal(denied.up, false);
    assert.match(denied.reason, /permission to run it denied$/);
    const garbled = await runToDeadline(misc('/bin/true "'));
    assert.equal(garbled.reason, 'command: expected words with closed quotes, got "/bin/true ""');
    const interpreter = await runToDeadline(misc(writeScript(t, '#!/nowhere/sh\n')));
    assert.equal(interpreter.up, false);
  });

  it('is down when the command dies of a signal, also with dynamic', async (t) => {
    const command = writeScript(t, '#!/bin/sh\nkill -SEGV $$\n');
    const outcome = await runToDeadline(misc(command, { dynamic: true }));
    assert.deepEqual(outcome, { up: false, reason: 'killed by SIGSEGV' });
  });

  it('ends the whole process group at the deadline, and what ignores that two seconds later', async (t) => {
    const pids = join(temporaryDirectory(t), 'pids');
    const tidy = join(temporaryDirectory(t), 'tidy');
    const command = writeScript(
      t,
      `#!/bin/sh
sh -c 'trap ": > ${tidy}; exit 0" TERM; : > ${pids}.ready; while :; do sleep 0.02; done' &
soft=$!
while [ ! -e ${pids}.ready ]; do sleep 0.02; done
(trap '' TERM; while :; do sleep 0.02; done) &
hard=$!
trap '' TERM
echo $soft $hard $$ > ${pids}.new
mv ${pids}.new ${pids}
wait
wait
wait
`,
    );
    const controller = new AbortController();
    const running = checkMisc(misc(command, { dynamic: true }), controller);
    while (!existsSync(pids)) await delay(10);
    const abortedMs = performance.now();
    controller.abort();
    assert.deepEqual(await running, { up: false, reason: 'killed by SIGKILL' });
    assert.ok(performance.now() - abortedMs >= 1900);
    assert.equal(existsSync(tidy), true);
    const all = readFileSync(pids, 'utf8').trim().split(' ').map(Number);
    assert.equal(all.length, 3);
    for (const pid of all) while (isAlive(pid)) await delay(10);
  });

  it('says no answer when the deadline ends it', async (t) => {
    const command = writeScript(t, '#!/bin/sh\nexec sleep 600\n');
    const outcome = await runToDeadline(misc(command, { timeoutMs: 100 }));
    assert.deepEqual(outcome, { up: false, reason: 'no answer within 100 ms' });
  });
});

const skip = process.getuid?.() === 0 ? false : 'needs root';

describe('checkMisc as another user', { skip }, () => {
  it('runs with the numbers of user and group, and no other groups', async () => {
    const asNobody = `/bin/sh -c '[ "$(id -u) $(id -g) $(id -G)" = "65534 65534 65534" ]'`;
    const outcome = await runToDeadline(misc(asNobody, { user: 'nobody' }));
    assert.deepEqual(outcome, { up: true, reason: 'exit code 0' });
    const asDaemon = `/bin/sh -c '[ "$(id -u) $(id -g) $(id -G)" = "65534 1 1" ]'`;
    const both = { user: 'nobody', group: 'daemon' };
    assert.equal((await runToDeadline(misc(asDaemon, both))).up, true);
    const groupOnly = `/bin/sh -c '[ "$(id -u) $(id -g) $(id -G)" = "0 1 1" ]'`;
    assert.equal((await runToDeadline(misc(groupOnly, { group: 'daemon' }))).up, true);
  });

  it('is down when there is no such user or group', async () => {
    const user = await runToDeadline(misc('/bin/true', { user: 'no-such-user' }));
    assert.deepEqual(user, { up: false, reason: 'user "no-such-user" not found in /etc/passwd' });
    const group = await runToDeadline(misc('/bin/true', { group: 'no-such-group' }));
    assert.deepEqual(group, { up: false, reason: 'group "no-such-group" not found in /etc/group' });
  });

  it('is down when that user may not run the command', async (t) => {
    const command = writeScript(t, '#!/bin/sh\n', 0o700);
    const outcome = await runToDeadline(misc(command, { user: 'nobody' }));
    assert.equal(outcome.up, false);
    assert.match(outcome.reason, /permission to run it denied$/);
  });
});

function misc(command: string, changes: Partial<MiscCheck> = {}): MiscCheck {
  return { type: 'misc', command, dynamic: false, timeoutMs: 20_000, ...changes };
}
