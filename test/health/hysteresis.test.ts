import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type HealthState, initialState, step } from '../../src/health/hysteresis.ts';

interface Row {
  readonly name: string;
  readonly inKernel: boolean;
  readonly failureCount: number;
  readonly rise: number;
  /** + good, - bad */
  readonly results: string;
  /** Up or down after each of them. */
  readonly states: string;
}

const rows: readonly Row[] = [
  {
    name: 'first good check',
    inKernel: false,
    failureCount: 1,
    rise: 1,
    results: '+',
    states: 'U',
  },
  {
    name: 'first good check with rise',
    inKernel: false,
    failureCount: 1,
    rise: 3,
    results: '+',
    states: 'U',
  },
  {
    name: 'first check bad, then rise counts',
    inKernel: false,
    failureCount: 1,
    rise: 2,
    results: '-++',
    states: 'DDU',
  },
  {
    name: 'bad from the start',
    inKernel: false,
    failureCount: 3,
    rise: 1,
    results: '---',
    states: 'DDD',
  },
  { name: 'adopted, good', inKernel: true, failureCount: 1, rise: 3, results: '+', states: 'U' },
  { name: 'adopted, bad', inKernel: true, failureCount: 1, rise: 1, results: '-', states: 'D' },
  {
    name: 'adopted, failurecount=3',
    inKernel: true,
    failureCount: 3,
    rise: 1,
    results: '---',
    states: 'UUD',
  },
  {
    name: 'adopted, down, rise=2',
    inKernel: true,
    failureCount: 1,
    rise: 2,
    results: '-++',
    states: 'DDU',
  },
  {
    name: 'a good check forgives',
    inKernel: true,
    failureCount: 2,
    rise: 1,
    results: '-+-+--',
    states: 'UUUUUD',
  },
  {
    name: 'a bad check sets rise back',
    inKernel: true,
    failureCount: 1,
    rise: 2,
    results: '-+-++',
    states: 'DDDDU',
  },
  {
    name: 'failures count anew after a recovery',
    inKernel: false,
    failureCount: 2,
    rise: 1,
    results: '+--+--',
    states: 'UUDUUD',
  },
  {
    name: 'ldirectord: down at once, back at once',
    inKernel: false,
    failureCount: 1,
    rise: 1,
    results: '+-+-',
    states: 'UDUD',
  },
];

describe('step', () => {
  for (const row of rows) {
    it(`${row.name}: ${row.results} gives ${row.states}`, () => {
      let state = initialState(row.inKernel);
      const states = Array.from(row.results, (result) => {
        state = step(state, result === '+', row);
        return state.up ? 'U' : 'D';
      });
      assert.equal(states.join(''), row.states);
    });
  }

  it('is checked after any result, and not before', () => {
    assert.equal(initialState(true).checked, false);
    assert.equal(step(initialState(true), false, { failureCount: 2, rise: 1 }).checked, true);
    assert.equal(step(initialState(false), true, { failureCount: 2, rise: 1 }).checked, true);
  });
});

describe('step, whatever comes', () => {
  const limits = fc.record({
    failureCount: fc.integer({ min: 1, max: 6 }),
    rise: fc.integer({ min: 1, max: 6 }),
  });
  const results = fc.array(fc.boolean(), { maxLength: 60 });

  it('goes down only after failureCount bad checks in a row, up only after rise good ones', () => {
    fc.assert(
      fc.property(fc.boolean(), limits, results, (inKernel, limit, outcomes) => {
        let state = initialState(inKernel);
        outcomes.forEach((outcome, i) => {
          const next = step(state, outcome, limit);
          const needed =
            state.checked || state.up ? (next.up ? limit.rise : limit.failureCount) : 1;
          if (next.up !== state.up) {
            const last = outcomes.slice(Math.max(0, i + 1 - needed), i + 1);
            assert.equal(last.length, needed);
            assert.ok(last.every((result) => result === next.up));
          }
          state = next;
        });
      }),
    );
  });

  it('always gives way to enough results in a row', () => {
    fc.assert(
      fc.property(fc.boolean(), limits, results, fc.boolean(), (inKernel, limit, before, last) => {
        const same = Array.from({ length: 6 }, () => last);
        const state = run(initialState(inKernel), [...before, ...same], limit);
        assert.equal(state.up, last);
      }),
    );
  });

  it('counts below its limits, and never both ways at once', () => {
    fc.assert(
      fc.property(fc.boolean(), limits, results, (inKernel, limit, outcomes) => {
        const state = run(initialState(inKernel), outcomes, limit);
        assert.ok(state.failures < limit.failureCount && state.successes < limit.rise);
        assert.equal(state.up ? state.successes : state.failures, 0);
      }),
    );
  });
});

function run(
  from: HealthState,
  outcomes: readonly boolean[],
  limit: { failureCount: number; rise: number },
): HealthState {
  return outcomes.reduce((state, outcome) => step(state, outcome, limit), from);
}
