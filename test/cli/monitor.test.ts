import assert from 'node:assert/strict';
import { join } from 'node:path';
import { it } from 'node:test';
import { judge } from '../../src/cli/monitor.ts';
import { listenForControl } from '../../src/daemon/control-server.ts';
import type { DaemonSelf } from '../../src/status/snapshot.ts';
import { temporaryDirectory } from '../support/script.ts';

it('status --monitor 0 asks nothing that takes long with a large table', async (t) => {
  const socketPath = join(temporaryDirectory(t), 'large.cf.sock');
  const instance = {
    name: 'large.cf',
    configPath: '/etc/large.cf',
    pidFile: '/nowhere',
    socketPath,
  };
  const self: DaemonSelf = {
    version: '1',
    instance: 'large.cf',
    pid: 1,
    config: '/etc/large.cf',
    networkNamespace: 'net:[1]',
    state: 'running',
    role: 'active',
    synchronisedAgoMs: 10,
    verifyIntervalMs: 100,
    virtualCount: 2000,
  };
  let now = self;
  const never = () => new Promise<never>(() => undefined);
  const answers = { head: () => now, stuck: () => undefined, snapshot: never, setRole: never };
  const server = await listenForControl(socketPath, answers);
  t.after(() => server.close());
  const told = async () => {
    const { healthy, reason } = (await judge(instance, 0)) ?? {};
    return [healthy, reason];
  };

  assert.deepEqual(await told(), [true, 'serves 2000 virtual servers']);
  now = { ...self, role: 'standby', reloadError: 'broken' };
  assert.deepEqual(await told(), [
    true,
    'in standby for 2000 virtual servers, not reloaded: broken',
  ]);
  now = { ...self, synchronisedAgoMs: 60_000 };
  assert.deepEqual(await told(), [false, 'the main loop has not gone round for 60 s']);
});
