import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Callback } from '../../src/alerts/callback.ts';
import { config } from '../support/builders.ts';
import { recordedLog } from '../support/recorded-log.ts';
import { RecordedRuns } from '../support/recorded-runs.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

describe('Callback', () => {
  const bench = (program?: string) => {
    const clock = new VirtualClock();
    const commands = new RecordedRuns({ atOnce: false });
    const observer = new Callback({ run: commands.run, clock, log: recordedLog().log });
    const file = { ...config(), ...(program !== undefined && { callback: program }) };
    observer.observe({ kind: 'config', config: file });
    const change = () => observer.observe({ kind: 'file-changed', path: '/etc/ha.d/a.cf' });
    return { clock, commands, change };
  };

  it('is run with the path of the file, the program taken as one word', async () => {
    const { clock, commands, change } = bench('/usr/local/bin/sync both');
    change();
    await clock.advance(0);
    assert.deepEqual(commands.argvs, [['/usr/local/bin/sync both', '/etc/ha.d/a.cf']]);
  });

  it('is run once more for all the changes that come while it runs', async () => {
    const { clock, commands, change } = bench('/bin/x');
    for (let i = 0; i < 5; i++) change();
    commands.end();
    await clock.advance(0);
    commands.end();
    await clock.advance(0);
    assert.equal(commands.argvs.length, 2);
  });

  it('is ended after a minute', async () => {
    const { clock, commands, change } = bench('/bin/x');
    change();
    await clock.advance(60_000);
    assert.equal(commands.options[0]?.signal.aborted, true);
  });

  it('nothing without the directive', async () => {
    const { clock, commands, change } = bench();
    change();
    await clock.advance(0);
    assert.deepEqual(commands.argvs, []);
  });
});
