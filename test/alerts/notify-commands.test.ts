import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { NotifyCommands } from '../../src/alerts/notify-commands.ts';
import { real, virtual } from '../support/builders.ts';
import { recordedLog } from '../support/recorded-log.ts';
import { RecordedRuns } from '../support/recorded-runs.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

function bench() {
  const clock = new VirtualClock();
  const commands = new RecordedRuns({ atOnce: false });
  const observer = new NotifyCommands({ run: commands.run, clock, log: recordedLog().log });
  const quorum = {
    weight: 2,
    hysteresis: 0,
    upCommand: '/bin/q up',
    downCommand: "/bin/q 'd own'",
  };
  const of = virtual({ quorum });
  const server = (
    inService: boolean,
    notify = { notifyUp: '/bin/n up', notifyDown: '/bin/n down' },
  ) =>
    observer.observe({
      kind: 'server',
      inService,
      server: { key: 'k', virtual: of, real: real('10.9.0.2', notify) },
    });
  const turn = (gained: boolean) =>
    observer.observe({ kind: 'quorum', virtual: of, gained, live: 1 });
  return { clock, commands, observer, server, turn };
}

describe('NotifyCommands', () => {
  it('runs the commands of a server, and tells in the environment whom it is about', async () => {
    const { clock, commands, server } = bench();
    server(true);
    await clock.advance(0);
    assert.deepEqual(commands.argvs, [['/bin/n', 'up']]);
    const env = { IPVSD_VIRTUAL: 'tcp:10.9.0.30:80', IPVSD_REAL: '10.9.0.2:80' };
    assert.deepEqual(commands.options[0]?.env, env);
    commands.end();
    server(false);
    await clock.advance(0);
    assert.deepEqual(commands.argvs[1], ['/bin/n', 'down']);
  });

  it('runs the commands of a quorum', async () => {
    const { clock, commands, turn } = bench();
    turn(true);
    await clock.advance(0);
    commands.end();
    turn(false);
    await clock.advance(0);
    assert.deepEqual(commands.argvs, [
      ['/bin/q', 'up'],
      ['/bin/q', 'd own'],
    ]);
    const env = { IPVSD_VIRTUAL: 'tcp:10.9.0.30:80', IPVSD_LIVE_WEIGHT: '1' };
    assert.deepEqual(commands.options[0]?.env, env);
  });

  it('of runs that wait only the newest counts, and the last state always does', async () => {
    const { clock, commands, server } = bench();
    for (const inService of [true, false, true, false]) server(inService);
    await clock.advance(0);
    commands.end();
    await clock.advance(0);
    assert.deepEqual(
      commands.argvs.map(([, verb]) => verb),
      ['up', 'down'],
    );
  });

  it('runs nothing where the file names no command', async () => {
    const { clock, commands, observer } = bench();
    const plain = { key: 'k', virtual: virtual(), real: real('10.9.0.2') };
    observer.observe({ kind: 'server', inService: true, server: plain });
    observer.observe({ kind: 'quorum', virtual: virtual(), gained: true, live: 1 });
    await clock.advance(0);
    assert.deepEqual(commands.argvs, []);
  });
});
