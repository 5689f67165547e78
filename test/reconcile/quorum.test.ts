import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { serverKey } from '../../src/config/keys.ts';
import type { ServerCondition } from '../../src/health/server-record.ts';
import { liveWeight } from '../../src/reconcile/pool.ts';
import { hasQuorum, Quorums } from '../../src/reconcile/quorum.ts';
import { config, real, virtual } from '../support/builders.ts';

describe('hasQuorum', () => {
  it('is gained above and lost below the quorum, by its hysteresis', () => {
    const quorum = { weight: 5, hysteresis: 2 };
    const lives = [0, 4, 6, 7, 6, 5, 4, 3, 2, 6, 7];
    let had = false;
    const seen = lives.map((live) => {
      had = hasQuorum(had, live, quorum);
      return had;
    });
    const [no, yes] = [false, true];
    assert.deepEqual(seen, [no, no, no, yes, yes, yes, yes, yes, no, no, yes]);
  });

  it('is lost with the last server, however wide the hysteresis', () => {
    assert.equal(hasQuorum(true, 0, { weight: 1, hysteresis: 5 }), false);
  });

  it('property: looking twice changes nothing, and between the marks it stays', () => {
    const quorums = fc
      .record({ weight: fc.integer({ min: 1, max: 100 }), hysteresis: fc.nat(100) })
      .map(({ weight, hysteresis }) => ({ weight, hysteresis: Math.min(hysteresis, weight - 1) }));
    fc.assert(
      fc.property(fc.boolean(), fc.nat(250), quorums, (had, live, quorum) => {
        const has = hasQuorum(had, live, quorum);
        assert.equal(hasQuorum(has, live, quorum), has);
        const { weight, hysteresis } = quorum;
        if (live >= weight + hysteresis) assert.equal(has, true);
        else if (live < weight - hysteresis) assert.equal(has, false);
        else assert.equal(has, had && live > 0);
      }),
    );
  });
});

describe('Quorums', () => {
  const v = virtual({
    reals: [real('10.9.0.2', { weight: 3 }), real('10.9.0.3', { weight: 2 })],
    quorum: { weight: 4, hysteresis: 0 },
  });
  const plain = virtual({ id: { family: 'inet', fwmark: 5 } });
  const file = config(v, plain);
  const key = 'tcp:10.9.0.30:80';
  const health = (...conditions: readonly ServerCondition[]) =>
    new Map(
      conditions.map((condition, i) => [serverKey(v, { key: `10.9.0.${i + 2}:80` }), condition]),
    );

  it('counts the weights of the servers that are up; a virtual without one never lacks it', () => {
    const quorums = new Quorums();
    const [up, down] = [{ up: true }, { up: false }];
    assert.deepEqual([...quorums.update(file, health(up, down), new Map())], [key]);
    assert.deepEqual([...quorums.update(file, health(up, up), new Map())], []);
  });

  it('counts what checks make of the weights, and nothing of a slow start', () => {
    const quorums = new Quorums();
    const more = { up: true, effects: [{ kind: 'offset', offset: 1 }] } as const;
    assert.deepEqual([...quorums.update(file, health(more), new Map())], []);
    const slow = { up: true, share: 0.1 };
    assert.deepEqual([...quorums.update(file, health(slow, slow), new Map())], []);
  });

  it('counts lines for one destination once, and only while all of them are up', () => {
    const twice = virtual({
      reals: [real('10.9.0.2', { weight: 3 }), real('10.9.0.2', { weight: 2, port: 8080 })],
      quorum: { weight: 3, hysteresis: 0 },
    });
    const live = (...ups: readonly boolean[]) => {
      const conditions = twice.reals.map(
        (server, i) => [serverKey(twice, server), { up: ups[i] ?? false }] as const,
      );
      return liveWeight(twice, new Map(conditions), new Map());
    };
    assert.deepEqual([live(true, true), live(true, false), live(false, true)], [2, 0, 0]);
  });

  it('leaves servers out that drain or have an order', () => {
    const quorums = new Quorums();
    const up = { up: true };
    const drained = new Map([[serverKey(v, { key: '10.9.0.3:80' }), 'drain']] as const);
    assert.deepEqual([...quorums.update(file, health(up, up), drained)], [key]);
    const drains = { up: true, drains: true } as const;
    assert.deepEqual([...quorums.update(file, health(up, drains), new Map())], [key]);
  });

  it('had it, when it was served before the file asked for one', () => {
    const quorums = new Quorums();
    const { quorum: _, ...without } = v;
    const all = health({ up: true }, { up: true });
    quorums.update(config(without), all, new Map());
    const wide = config({ ...v, quorum: { weight: 5, hysteresis: 1 } });
    assert.deepEqual([...quorums.update(wide, all, new Map())], []);
  });

  it('had it, when the kernel sends its clients to real servers already', () => {
    const wide = config({ ...v, quorum: { weight: 4, hysteresis: 1 } });
    const all = health({ up: true, effects: [{ kind: 'offset', offset: -1 }] }, { up: true });
    const [fresh, adopted] = [new Quorums(), new Quorums()];
    adopted.adopt(wide, new Set([serverKey(v, { key: '10.9.0.2:80' })]));
    assert.deepEqual([...fresh.update(wide, all, new Map())], [key]);
    assert.deepEqual([...adopted.update(wide, all, new Map())], []);
  });
});
