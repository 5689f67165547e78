import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  type Check,
  examine,
  type Finding,
  lookedAt,
  notLookedAt,
  notNeeded,
} from '../../src/doctor/finding.ts';
import { isWell, reportText } from '../../src/doctor/report.ts';
import { config } from '../support/builders.ts';
import { facts } from '../support/doctor-facts.ts';

const check = (name: string, judge: Check['judge']): Check => ({
  name,
  title: `title of ${name}`,
  judge,
});
const finding = (level: Finding['level'], rest: Partial<Finding> = {}): Finding => ({
  level,
  what: 'is 0',
  where: level,
  why: 'it hurts',
  ...rest,
});
const report = (...checks: readonly Check[]) => {
  const examined = examine({ config: config(), facts: facts() }, checks);
  return { ok: isWell(examined), host: 'lb1', config: 'test.cf', checks: examined };
};
const good = check('good', () => lookedAt([]));

describe('the report', () => {
  it('says that all is well, and lists it when asked', () => {
    const well = report(
      good,
      check('idle', () => notNeeded),
    );
    assert.equal(well.ok, true);
    assert.equal(reportText(well, false), 'all 1 checks passed\n');
    assert.equal(
      reportText(well, true),
      'passed        good: title of good\nnot needed    idle: title of idle\nall 1 checks passed\n',
    );
  });

  it('has errors first, each with why, command and place', () => {
    const bad = report(
      check('one', () => lookedAt([finding('warning')])),
      check('two', () =>
        lookedAt([finding('error', { command: 'sysctl -w a=1', on: '10.9.0.2' }), finding('info')]),
      ),
      good,
    );
    assert.equal(bad.ok, false);
    assert.equal(
      reportText(bad, false),
      [
        'error: error: is 0',
        '  why: it hurts',
        '  mend on 10.9.0.2: sysctl -w a=1',
        'warning: warning: is 0',
        '  why: it hurts',
        'info: info: is 0',
        '  why: it hurts',
        '"sysctl -w" lasts until the next boot: write the same into /etc/sysctl.d/',
        '1 error, 1 warning: 1 of 3 checks passed',
        '',
      ].join('\n'),
    );
  });

  it('is never silent about what was not looked at', () => {
    const half = report(
      good,
      check('dark', () => notLookedAt({ unknown: 'nft is not installed', command: 'get it' })),
    );
    assert.equal(half.ok, true);
    assert.equal(
      reportText(half, false),
      [
        'info: title of dark: not looked at, because nft is not installed',
        '  why: it may be wrong all the same',
        '  mend: get it',
        'all 1 checks passed, 1 not looked at',
        '',
      ].join('\n'),
    );
  });
});
