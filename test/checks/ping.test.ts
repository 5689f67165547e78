import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { pingCheck } from '../../src/checks/ping.ts';
import type { PingCheck } from '../../src/config/check-model.ts';
import { temporaryDirectory, writeScript } from '../support/script.ts';

const never = new AbortController().signal;
const hasPing = spawnSync('ping', ['-V']).status === 0;
const skip = hasPing ? false : 'there is no ping command here (Debian: iputils-ping)';

const loopback: PingCheck = {
  type: 'ping',
  family: 'inet',
  address: '127.0.0.1',
  attempts: 1,
  timeoutMs: 2000,
};
const loopback6: PingCheck = { ...loopback, family: 'inet6', address: '::1' };

describe('pingCheck with the ping of this machine', { skip }, () => {
  for (const definition of [loopback, loopback6]) {
    it(`gets an answer from ${definition.address}`, async () => {
      const outcome = await pingCheck('ping')(definition, { signal: never });
      assert.deepEqual(outcome, { up: true, reason: 'echo reply' });
    });
  }

  it('says what ping says when it cannot send', async () => {
    const definition: PingCheck = { ...loopback, address: '255.255.255.255' };
    const outcome = await pingCheck('ping')(definition, { signal: never });
    assert.equal(outcome.up, false);
    assert.match(outcome.reason, /broadcast/);
  });
});

describe('pingCheck', () => {
  it('gives ping the family, one request and a time in whole seconds', async (t) => {
    const log = join(temporaryDirectory(t), 'log');
    const ping = writeScript(t, `#!/bin/sh\nprintf '%s\\n' "$*" >> ${log}\n`);
    await pingCheck(ping)({ ...loopback, timeoutMs: 1500 }, { signal: never });
    await pingCheck(ping)(loopback6, { signal: never });
    assert.equal(readFileSync(log, 'utf8'), '-n -c 1 -W 2 127.0.0.1\n-6 -n -c 1 -W 2 ::1\n');
  });

  it('tries as often as it is told to', async (t) => {
    const log = join(temporaryDirectory(t), 'log');
    const ping = writeScript(t, `#!/bin/sh\necho x >> ${log}\nexit 1\n`);
    const outcome = await pingCheck(ping)({ ...loopback, attempts: 3 }, { signal: never });
    assert.deepEqual(outcome, { up: false, reason: 'no echo reply within 2000 ms, 3 attempts' });
    assert.equal(readFileSync(log, 'utf8'), 'x\nx\nx\n');
  });

  it('is content with the first answer', async (t) => {
    const log = join(temporaryDirectory(t), 'log');
    const ping = writeScript(t, `#!/bin/sh\necho x >> ${log}\n[ $(wc -l < ${log}) = 2 ]\n`);
    const outcome = await pingCheck(ping)({ ...loopback, attempts: 5 }, { signal: never });
    assert.deepEqual(outcome, { up: true, reason: 'echo reply' });
    assert.equal(readFileSync(log, 'utf8'), 'x\nx\n');
  });

  it('ends an attempt at its time', async (t) => {
    const ping = writeScript(t, '#!/bin/sh\nexec sleep 600\n');
    const outcome = await pingCheck(ping)({ ...loopback, timeoutMs: 50 }, { signal: never });
    assert.deepEqual(outcome, { up: false, reason: 'no echo reply within 50 ms' });
  });

  it('kills ping at the abort', async (t) => {
    const ping = writeScript(t, '#!/bin/sh\nexec sleep 600\n');
    const controller = new AbortController();
    const running = pingCheck(ping)({ ...loopback, timeoutMs: 60_000 }, controller);
    setTimeout(() => controller.abort(new Error('enough')), 50);
    await assert.rejects(running, /enough/);
  });

  it('says what is missing', async () => {
    const outcome = await pingCheck('/nowhere/ping')(loopback, { signal: never });
    assert.deepEqual(outcome, {
      up: false,
      reason: 'command "/nowhere/ping" not found, install it (Debian: iputils-ping)',
      inconclusive: true,
    });
  });

  it('says what ping says', async (t) => {
    const ping = writeScript(
      t,
      '#!/bin/sh\necho "ping: socket: Operation not permitted" >&2\nexit 2\n',
    );
    const outcome = await pingCheck(ping)(loopback, { signal: never });
    assert.deepEqual(outcome, { up: false, reason: 'ping: socket: Operation not permitted' });
  });
});
