import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { DaemonEvent, Observer } from '../../src/alerts/event.ts';
import { Observers } from '../../src/alerts/observers.ts';
import { recordedLog } from '../support/recorded-log.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

const event: DaemonEvent = { kind: 'phase', phase: 'running' };

function observer(changes: Partial<Observer>): Observer {
  return { name: 'one', observe: () => undefined, close: () => Promise.resolve(), ...changes };
}

describe('Observers', () => {
  it('tells all of them, also when one throws', () => {
    const { log, lines } = recordedLog();
    const heard: DaemonEvent[] = [];
    const broken = observer({
      name: 'broken',
      observe: () => {
        throw new Error('no');
      },
    });
    new Observers([broken, observer({ observe: (e) => heard.push(e) })], log).tell(event);
    assert.deepEqual(heard, [event]);
    assert.deepEqual(lines, ['error broken: no']);
  });

  it('close: asks all to give up when the time is over, and leaves those alone that do not', async () => {
    const clock = new VirtualClock();
    const { log, lines } = recordedLog();
    let wasAsked = false;
    const stuck = observer({
      close: (signal) => {
        signal.addEventListener('abort', () => {
          wasAsked = true;
        });
        return new Promise(() => {});
      },
    });
    const broken = observer({ name: 'broken', close: () => Promise.reject(new Error('no')) });
    let isClosed = false;
    void new Observers([stuck, broken], log).close(clock, 10_000).then(() => {
      isClosed = true;
    });
    await clock.advance(10_000);
    assert.deepEqual([wasAsked, isClosed], [true, false]);
    await clock.advance(2000);
    assert.equal(isClosed, true);
    assert.deepEqual(lines, ['error broken: no']);
  });

  it('close: returns as soon as all are done, and leaves no timer', async () => {
    const clock = new VirtualClock();
    await new Observers([observer({})], recordedLog().log).close(clock, 10_000);
    assert.equal(clock.pending, 0);
  });
});
