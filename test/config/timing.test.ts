import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseConfig } from '../../src/config/load.ts';
import { timings } from '../../src/config/timing.ts';
import { fakeResolver } from '../support/config-fixtures.ts';

/** `[typical, worst]` of detection and recovery in seconds. */
async function timing(...lines: readonly string[]) {
  const body = ['real=10.9.0.2:80 gate', ...lines].map((line) => `\t${line}\n`).join('');
  const options = { resolver: fakeResolver(), hostname: 'lb' };
  const { config } = await parseConfig(`virtual=10.9.0.30:80\n${body}`, 'a.cf', options);
  assert.ok(config !== undefined);
  const [found] = timings(config);
  assert.equal(found?.virtual, 'tcp:10.9.0.30:80');
  return [found.detection, found.recovery].map(
    (span) => span && [span.typicalMs / 1000, span.worstMs / 1000],
  );
}

const connect = ['checktype=connect', 'checkinterval=10', 'checktimeout=3'];

describe('timings', () => {
  it('one check: half an interval, and a whole one with the timeout', async () => {
    assert.deepEqual(await timing(...connect), [
      [5, 13],
      [5, 13],
    ]);
  });

  it('the slowest check of any server', async () => {
    const own = ['\tcheck=tcp', '\t\tinterval=20', '\t\ttimeout=2', '\t\tdowninterval=1'];
    // the check of one server alone, and ldirectord's of the other
    assert.deepEqual(await timing(...own, 'real=10.9.0.3:80 gate', ...connect.slice(1)), [
      [10, 22],
      [5, 13],
    ]);
    assert.deepEqual(await timing(...own.slice(0, 3)), [
      [10, 22],
      [10, 22],
    ]);
  });

  it('several checks in a row', async () => {
    // starts at 10, 20, 30, and the last one runs into its timeout
    assert.deepEqual(await timing(...connect, 'failurecount=3', 'rise=2'), [
      [25, 33],
      [15, 23],
    ]);
  });

  it('checks that take longer than their interval follow one another', async () => {
    assert.deepEqual(
      await timing('checktype=connect', 'checkinterval=1', 'checktimeout=3', 'failurecount=2'),
      [
        [1.5, 9],
        [0.5, 6],
      ],
    );
  });

  it('fast and down intervals', async () => {
    const own = ['fastinterval=2', 'downinterval=20', 'failurecount=3', 'rise=3'];
    // out: start at 10, known at 13, starts at 15 and 18, known at 21
    // in again: starts at 20, 25 and 28, known at 31
    assert.deepEqual(await timing(...connect, ...own), [
      [8, 21],
      [13, 31],
    ]);
  });

  it('connects between two negotiates see no broken service', async () => {
    const combined = ['checktype=2', 'checkinterval=10', 'checktimeout=3', 'negotiatetimeout=5'];
    assert.deepEqual(await timing(...combined), [
      [5, 35],
      [5, 15],
    ]);
  });

  it('never, where the check cannot fail', async () => {
    assert.deepEqual(await timing('checktype=on'), [undefined, undefined]);
    assert.deepEqual(await timing('service=none'), [undefined, undefined]);
  });
});
