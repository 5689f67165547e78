import assert from 'node:assert/strict';
import { once } from 'node:events';
import { statSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import {
  type ControlAnswers,
  type ControlLimits,
  listenForControl,
} from '../../src/daemon/control-server.ts';
import {
  ControlError,
  fetchHead,
  fetchSnapshot,
  putRole,
} from '../../src/status/control-client.ts';
import type { Snapshot } from '../../src/status/snapshot.ts';
import { head } from '../support/daemon-head.ts';
import { temporaryDirectory } from '../support/script.ts';

const snapshot: Snapshot = {
  ...head,
  backend: 'memory',
  roleSince: '2030-01-01T00:00:00.000Z',
  startedAt: '2030-01-01T00:00:00.000Z',
  takenAt: '2030-01-01T00:00:01.000Z',
  verifyIntervalMs: 1000,
  pending: [],
  driftRepairs: 0,
  kernelSettings: [],
  virtuals: [],
};

/** As a daemon whose kernel refuses something in standby. */
const answers: ControlAnswers = {
  head: () => head,
  stuck: () => undefined,
  snapshot: async () => snapshot,
  setRole: async (role) => ({ role, problems: role === 'standby' ? ['refused'] : [] }),
};

async function listening(
  t: TestContext,
  answer: () => Promise<Snapshot>,
  limits?: ControlLimits,
): Promise<string> {
  const path = join(temporaryDirectory(t), 'run', 'a.sock');
  const server = await listenForControl(path, { ...answers, snapshot: answer }, limits);
  t.after(() => server.close());
  return path;
}

describe('the control socket', () => {
  it('gives the snapshot, to owner and group only', async (t) => {
    const path = await listening(t, async () => snapshot);
    assert.deepEqual(await fetchSnapshot(path), snapshot);
    assert.equal(statSync(path).mode & 0o777, 0o660);
  });

  it('says which daemon it is also while the snapshot takes its time', async (t) => {
    const path = await listening(t, () => new Promise(() => undefined));
    assert.deepEqual(await fetchHead(path), head);
  });

  it('has a status of its own for a main loop that does not go round, for programs without JSON', async (t) => {
    const path = join(temporaryDirectory(t), 'a.sock');
    let reason: string | undefined;
    const server = await listenForControl(path, { ...answers, stuck: () => reason });
    t.after(() => server.close());
    const curl = () =>
      execa('curl', [
        '-q',
        '-s',
        '-w',
        ' %{http_code}',
        '--unix-socket',
        path,
        'http://x/v1/fresh',
      ]);
    assert.equal((await curl()).stdout, '{"fresh":true} 200');
    reason = 'it hangs';
    assert.equal((await curl()).stdout, '{"fresh":false,"reason":"it hangs"} 503');
  });

  it('tells why there is no snapshot', async (t) => {
    const path = await listening(t, () => Promise.reject(new Error('the kernel is gone')));
    await assert.rejects(fetchSnapshot(path), (error) => {
      assert.ok(error instanceof ControlError);
      assert.match(error.message, /a\.sock: status 500: .*the kernel is gone/);
      return true;
    });
  });

  it('gives roles, and tells what the kernel refused', async (t) => {
    const path = await listening(t, async () => snapshot);
    assert.deepEqual(await putRole(path, 'active'), { role: 'active', problems: [] });
    assert.deepEqual(await putRole(path, 'standby'), { role: 'standby', problems: ['refused'] });
  });

  it('lets nobody keep it from answering by connections without a word', async (t) => {
    const path = await listening(t, async () => snapshot, { connections: 3, idleMs: 200 });
    const silent = Array.from({ length: 10 }, () => connect(path).on('error', () => undefined));
    await Promise.all(silent.map((socket) => once(socket.resume(), 'close')));
    assert.deepEqual(await fetchHead(path), head);
  });

  it('gives whoever has asked the time that the answer takes', async (t) => {
    const slowly = async () => {
      await sleep(1000);
      return snapshot;
    };
    const path = await listening(t, slowly, { connections: 3, idleMs: 200 });
    assert.deepEqual(await fetchSnapshot(path), snapshot);
  });

  it('is an error that names the path when it cannot be made', async () => {
    const path = '/dev/null/ipvsd/a.sock';
    await assert.rejects(listenForControl(path, answers), {
      name: 'StartError',
      message: `cannot make control socket ${path}: not a directory`,
    });
    await assert.rejects(fetchHead(path), { name: 'ControlError' });
  });
});
