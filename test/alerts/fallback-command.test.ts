import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FallbackCommands } from '../../src/alerts/fallback-command.ts';
import { virtual } from '../support/builders.ts';
import { recordedLog } from '../support/recorded-log.ts';
import { RecordedRuns } from '../support/recorded-runs.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

function bench() {
  const clock = new VirtualClock();
  const commands = new RecordedRuns({ atOnce: false });
  const { log, lines } = recordedLog();
  const observer = new FallbackCommands({ run: commands.run, clock, log });
  const pool = (served: boolean, port = 80) => {
    const id = { family: 'inet', protocol: 'tcp', address: '10.9.0.30', port } as const;
    const of = virtual({ id, fallbackCommand: '/bin/x' });
    observer.observe({ kind: 'pool', virtual: of, served, adopted: false });
  };
  const verbs = () => commands.argvs.map((argv) => argv[1]);
  return { clock, commands, lines, observer, pool, verbs };
}

describe('FallbackCommands', () => {
  it('runs one command after the other, for each virtual server by itself', async () => {
    const { clock, commands, pool } = bench();
    pool(false);
    pool(true);
    pool(false, 81);
    await clock.advance(0);
    assert.deepEqual(commands.lines, [
      '/bin/x start 10.9.0.30:80 tcp',
      '/bin/x start 10.9.0.30:81 tcp',
    ]);
    commands.end();
    await clock.advance(0);
    assert.equal(commands.lines[2], '/bin/x stop 10.9.0.30:80 tcp');
  });

  it('kills a command after 30 seconds, says so, and goes on', async () => {
    const { clock, commands, lines, pool, verbs } = bench();
    pool(false);
    pool(true);
    await clock.advance(29_999);
    assert.equal(commands.options[0]?.signal.aborted, false);
    await clock.advance(1);
    assert.equal(commands.options[0]?.signal.aborted, true);
    assert.deepEqual(verbs(), ['start', 'stop']);
    const failure =
      'error fallbackcommand: "/bin/x start 10.9.0.30:80 tcp": Error: no end within 30 s';
    assert.ok(lines.includes(failure), lines.join('\n'));
  });

  it('leaves out a start and a stop that both still wait', async () => {
    const { clock, commands, pool, verbs } = bench();
    pool(false);
    for (let i = 0; i < 100; i++) {
      pool(true);
      pool(false);
    }
    commands.end();
    await clock.advance(0);
    assert.deepEqual(verbs(), ['start']);
    pool(true);
    await clock.advance(0);
    assert.deepEqual(verbs(), ['start', 'stop']);
  });

  it('logs a command that fails and runs the next one all the same', async () => {
    const { clock, commands, lines, pool, verbs } = bench();
    pool(false);
    pool(true);
    commands.end('exit code 3');
    await clock.advance(0);
    assert.ok(
      lines.includes('error fallbackcommand: "/bin/x start 10.9.0.30:80 tcp": exit code 3'),
    );
    assert.deepEqual(verbs(), ['start', 'stop']);
  });

  it('close: waits for what runs and waits, and ends it when there is no more time', async () => {
    const { clock, commands, observer, pool, verbs } = bench();
    pool(false);
    pool(true);
    const controller = new AbortController();
    let isClosed = false;
    const closing = observer.close(controller.signal).then(() => {
      isClosed = true;
    });
    commands.end();
    await clock.advance(0);
    assert.deepEqual([verbs(), isClosed], [['start', 'stop'], false]);
    controller.abort(new Error('the daemon stops'));
    await closing;
    assert.equal(commands.options[1]?.signal.aborted, true);
    assert.equal(clock.pending, 0);
  });
});
