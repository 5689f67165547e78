import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { DaemonEvent } from '../../src/alerts/event.ts';
import { type FallbackState, fallbackRuns } from '../../src/alerts/fallback-runs.ts';
import type { VirtualServer } from '../../src/config/model.ts';
import { config, virtual } from '../support/builders.ts';

const web = virtual({ fallbackCommand: '/bin/x' });

function pool(served: boolean, of: VirtualServer = web, adopted = false): DaemonEvent {
  return { kind: 'pool', virtual: of, served, adopted };
}

function file(...virtuals: readonly VirtualServer[]): DaemonEvent {
  return { kind: 'config', config: config(...virtuals) };
}

const stopped: DaemonEvent = { kind: 'phase', phase: 'stopped' };

/** The commands that these events bring about, as lines. */
function runs(...events: readonly DaemonEvent[]): readonly string[] {
  let state: FallbackState = new Map();
  return events.flatMap((event) => {
    const step = fallbackRuns(state, event);
    state = step.state;
    return step.runs.map(({ argv }) => argv.join(' '));
  });
}

const start = '/bin/x start 10.9.0.30:80 tcp';
const stop = '/bin/x stop 10.9.0.30:80 tcp';

describe('fallbackRuns', () => {
  it('start when the last server goes, stop when the first one is back, each once', () => {
    assert.deepEqual(runs(pool(true), pool(false), pool(false), pool(true), pool(true)), [
      start,
      stop,
    ]);
  });

  it('start when there is none from the beginning', () => {
    assert.deepEqual(runs(file(web), pool(false)), [start]);
  });

  it('nothing while a server is up', () => {
    assert.deepEqual(runs(file(web), pool(true), stopped), []);
  });

  it('a reload that changes nothing repeats nothing', () => {
    assert.deepEqual(runs(pool(false), file(web), pool(false), file(web), pool(true)), [
      start,
      stop,
    ]);
  });

  it('a restart that finds the table without servers owes only the stop', () => {
    assert.deepEqual(runs(file(web), pool(false, web, true), pool(false), pool(true)), [stop]);
  });

  it('stop at the end, but not where cleanstop=no leaves the fallback in force', () => {
    const other = virtual({
      id: { family: 'inet', protocol: 'tcp', address: '10.9.0.31', port: 80 },
      cleanstop: false,
      fallbackCommand: '/bin/x',
    });
    assert.deepEqual(runs(pool(false), pool(false, other), stopped, stopped), [
      start,
      '/bin/x start 10.9.0.31:80 tcp',
      stop,
    ]);
  });

  it('a virtual server that leaves the file gets its stop', () => {
    assert.deepEqual(runs(pool(false), file(), file(web), pool(false)), [start, stop, start]);
  });

  it('another command: stop of the old one, start of the new one', () => {
    const changed = virtual({ fallbackCommand: '/bin/y' });
    const none = virtual();
    assert.deepEqual(runs(pool(false), file(changed), pool(true, changed)), [
      start,
      stop,
      '/bin/y start 10.9.0.30:80 tcp',
      '/bin/y stop 10.9.0.30:80 tcp',
    ]);
    assert.deepEqual(runs(pool(false), file(none), stopped), [start, stop]);
    assert.deepEqual(runs(pool(false, none), file(web), stopped), [start, stop]);
  });

  it('a change that comes while a server is up is for the next time', () => {
    const changed = virtual({ fallbackCommand: '/bin/y' });
    assert.deepEqual(runs(pool(true), file(changed), pool(false, changed)), [
      '/bin/y start 10.9.0.30:80 tcp',
    ]);
  });

  it('no command, nothing to run', () => {
    const none = virtual();
    assert.deepEqual(runs(pool(false, none), pool(true, none), stopped), []);
  });

  const places: readonly [VirtualServer['id'], string][] = [
    [{ family: 'inet', protocol: 'udp', address: '10.9.0.1', port: 53 }, '10.9.0.1:53 udp'],
    [{ family: 'inet6', protocol: 'tcp', address: 'fd00::1', port: 80 }, '[fd00::1]:80 tcp'],
    [{ family: 'inet', fwmark: 5 }, ':0 fwm'],
    [{ family: 'inet6', fwmark: 5 }, ':0 fwm'],
  ];
  for (const [id, place] of places) {
    it(`names the virtual server as ${place}, behind the command's own arguments`, () => {
      const of = virtual({ id, fallbackCommand: `/bin/x a 'b c'` });
      const { runs } = fallbackRuns(new Map(), pool(false, of));
      assert.deepEqual(runs[0]?.argv, ['/bin/x', 'a', 'b c', 'start', ...place.split(' ')]);
    });
  }
});
