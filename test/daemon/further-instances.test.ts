import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { DaemonEvent } from '../../src/alerts/event.ts';
import { FurtherInstances } from '../../src/daemon/further-instances.ts';
import { config } from '../support/builders.ts';
import { recordedLog } from '../support/recorded-log.ts';
import { RecordedRuns } from '../support/recorded-runs.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

function bench() {
  const clock = new VirtualClock();
  const commands = new RecordedRuns({ atOnce: true });
  const observer = new FurtherInstances({
    run: commands.run,
    clock,
    log: recordedLog().log,
    program: ['/usr/bin/node', '/usr/sbin/ldirectord'],
    instanceName: 'a.cf',
  });
  const file = (...execute: readonly string[]): DaemonEvent => ({
    kind: 'config',
    config: { ...config(), execute },
  });
  const phase = (name: 'starting' | 'running' | 'reloading' | 'stopping'): DaemonEvent => ({
    kind: 'phase',
    phase: name,
  });
  const after = async (...events: readonly DaemonEvent[]) => {
    for (const event of events) observer.observe(event);
    await clock.advance(0);
    return commands.argvs.splice(0).map(([node, name, end, ...rest]) => {
      assert.deepEqual([node, name, end], ['/usr/bin/node', '/usr/sbin/ldirectord', '--']);
      return rest.join(' ');
    });
  };
  return { commands, after, file, phase };
}

describe('FurtherInstances', () => {
  it('starts them when this one serves, by the program under its own name', async () => {
    const { after, commands, file, phase } = bench();
    assert.deepEqual(await after(file('b.cf', 'b.cf'), phase('starting')), []);
    assert.deepEqual(await after(phase('running')), ['b.cf start']);
    assert.deepEqual(commands.options[0]?.env, { IPVSD_EXECUTE_CHAIN: 'a.cf' });
  });

  it('a reload starts what is new, reloads what stays, stops what is gone', async () => {
    const { after, file, phase } = bench();
    assert.deepEqual(await after(file('b.cf', 'c.cf'), phase('running')), [
      'b.cf start',
      'c.cf start',
    ]);
    const reload = [phase('reloading'), file('c.cf', 'd.cf'), phase('running')];
    assert.deepEqual(await after(...reload), ['b.cf stop', 'c.cf reload', 'd.cf start']);
    assert.deepEqual(await after(phase('stopping')), ['c.cf stop', 'd.cf stop']);
  });

  it('two instances that execute each other come to an end', async (t) => {
    const { after, file, phase } = bench();
    process.env['IPVSD_EXECUTE_CHAIN'] = 'x.cf/b.cf';
    t.after(() => {
      delete process.env['IPVSD_EXECUTE_CHAIN'];
    });
    assert.deepEqual(await after(file('/etc/ha.d/b.cf', 'c.cf'), phase('running')), ['c.cf start']);
  });
});
