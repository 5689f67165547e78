import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Conduct, Config } from '../../src/config/model.ts';
import { config, destination, localFallback, service, virtual } from '../support/builders.ts';
import { Bench } from '../support/daemon-bench.ts';

const add = '-A -t 10.9.0.30:80 -s wrr';
const row = (address: string, weight = 1) => `-a -t 10.9.0.30:80 -r ${address}:80 -g -w ${weight}`;
const whole = [add, row('10.9.0.2'), row('10.9.0.3')];

function fileWith(standby: Partial<Conduct>): Config {
  const file = config(virtual({ fallbacks: [localFallback] }));
  return { ...file, standby: { ...file.standby, ...standby } };
}

/** A bench whose daemon has been told its role before it was started. */
async function inStandby(standby: Partial<Conduct>, table = [...noTable]): Promise<Bench> {
  const bench = new Bench(fileWith(standby), table);
  bench.remembered = 'standby';
  await bench.start();
  return bench;
}

const noTable: ReturnType<typeof service>[] = [];

async function setRole(bench: Bench, role: 'active' | 'standby', ms = 0): Promise<void> {
  const done = bench.daemon.setRole(role);
  await bench.clock.advance(ms);
  assert.deepEqual(await done, { role, problems: [] });
}

describe('the role of a daemon', () => {
  it('is active when nobody has said another one', async () => {
    const bench = new Bench(fileWith({ table: 'clear' }));
    await bench.start();
    assert.equal(bench.daemon.role, 'active');
    assert.deepEqual(await bench.table(), whole);
  });

  it('keeps the table true in standby, so that it is right when it is needed', async () => {
    const bench = await inStandby({});
    assert.deepEqual(await bench.table(), whole);
    bench.failing.add('10.9.0.3');
    await bench.clock.advance(1500);
    assert.deepEqual(await bench.table(), [add, row('10.9.0.2')]);
  });

  it('has nothing of the file in the kernel with a table that is cleared, whoever put it there', async () => {
    const foreign = { ...service([]), id: { ...service([]).id, port: 81 } };
    const bench = await inStandby({ table: 'clear' }, [
      service([destination('10.9.0.2')]),
      foreign,
    ]);
    assert.deepEqual(await bench.table(), ['-A -t 10.9.0.30:81 -s wrr']);
    await bench.backend.apply([{ kind: 'add-service', service: service([]) }]);
    await bench.clock.advance(1500);
    assert.deepEqual(await bench.table(), ['-A -t 10.9.0.30:81 -s wrr']);
  });

  it('becomes active at once by what its checks found in standby', async () => {
    const bench = await inStandby({ table: 'clear' });
    bench.failing.add('10.9.0.3');
    await bench.clock.advance(1500);
    assert.deepEqual(await bench.table(), []);
    const batches: number[] = [];
    const apply = bench.backend.apply.bind(bench.backend);
    bench.backend.apply = (operations) => {
      batches.push(operations.length);
      return apply(operations);
    };
    bench.silent.add('10.9.0.2');
    await setRole(bench, 'active');
    assert.deepEqual(await bench.table(), [add, row('10.9.0.2')]);
    assert.deepEqual(batches, [2]);
  });

  it('goes to standby and takes its table out', async () => {
    const bench = new Bench(fileWith({ table: 'clear' }));
    await bench.start();
    await setRole(bench, 'standby');
    assert.deepEqual(await bench.table(), []);
    assert.equal(bench.remembered, 'standby');
    await bench.clock.advance(3000);
    assert.deepEqual(await bench.table(), []);
  });

  it('checks a tenth as often at the slow rate, and all at once when it is active again', async () => {
    const bench = await inStandby({ checks: 'slow' });
    await bench.clock.advance(10_000);
    bench.failing.add('10.9.0.3');
    const before = bench.checks;
    await bench.clock.advance(20_000);
    assert.equal(bench.checks - before, 4);
    assert.deepEqual(await bench.table(), [add, row('10.9.0.2')]);
    bench.failing.clear();
    bench.failing.add('10.9.0.2');
    await setRole(bench, 'active', 10);
    assert.deepEqual(await bench.table(), [add, row('10.9.0.3')]);
    const then = bench.checks;
    await bench.clock.advance(10_000);
    assert.equal(bench.checks - then, 20);
  });

  it('does not check at the rate none, and begins with what it knew', async () => {
    const bench = new Bench(fileWith({ checks: 'none', table: 'clear' }));
    bench.failing.add('10.9.0.3');
    await bench.start();
    await setRole(bench, 'standby');
    const before = bench.checks;
    await bench.clock.advance(60_000);
    assert.equal(bench.checks, before);
    bench.failing.clear();
    bench.silent.add('10.9.0.2');
    const active = bench.daemon.setRole('active');
    await bench.clock.advance(0);
    await active;
    assert.deepEqual(await bench.table(), [add, row('10.9.0.2')]);
    await bench.clock.advance(10);
    assert.deepEqual(await bench.table(), whole);
  });

  it('sends no client to a server that was never asked', async () => {
    const bench = await inStandby({ checks: 'none', table: 'clear' });
    bench.slow.add('10.9.0.2');
    bench.silent.add('10.9.0.3');
    const active = bench.daemon.setRole('active');
    await bench.clock.advance(500);
    assert.deepEqual(await bench.table(), []);
    await bench.clock.advance(1000);
    assert.deepEqual(await active, { role: 'active', problems: [] });
    assert.deepEqual(await bench.table(), [add, row('10.9.0.2')]);
  });

  it('survives a reload, which may say anew what standby is', async () => {
    const bench = await inStandby({});
    const reloaded = bench.daemon.reload(fileWith({ table: 'clear', checks: 'none' }));
    await bench.clock.advance(0);
    await reloaded;
    assert.equal(bench.daemon.role, 'standby');
    assert.deepEqual(await bench.table(), []);
    const before = bench.checks;
    await bench.clock.advance(5000);
    assert.equal(bench.checks, before);
  });

  it('tells of servers and pools only while active, and then what has changed', async () => {
    const bench = await inStandby({});
    assert.deepEqual(bench.stories(), [
      'role standby',
      'phase starting',
      'config',
      `table Added virtual server: 10.9.0.30:80`,
      'table Added real server: 10.9.0.2:80 (10.9.0.30:80) (Weight set to 1)',
      'table Added real server: 10.9.0.3:80 (10.9.0.30:80) (Weight set to 1)',
      'phase running',
    ]);
    bench.failing.add('10.9.0.3');
    await bench.clock.advance(1500);
    assert.deepEqual(bench.stories(), ['table Deleted real server: 10.9.0.3:80 (10.9.0.30:80)']);
    await setRole(bench, 'active');
    assert.deepEqual(bench.stories(), [
      'role active',
      'server 10.9.0.2:80 true',
      'server 10.9.0.3:80 false',
      'pool true false',
    ]);
  });

  it('can be said again, to have the table looked at', async () => {
    const bench = new Bench(fileWith({}));
    await bench.start();
    await bench.backend.apply([{ kind: 'delete-service', service: service([]).id }]);
    await setRole(bench, 'active');
    assert.deepEqual(await bench.table(), whole);
    assert.deepEqual(
      bench.logged.filter((line) => line.startsWith('Role: active ->')),
      [],
    );
  });

  it('counts also when it cannot be remembered', async () => {
    const bench = new Bench(fileWith({ table: 'clear' }));
    await bench.start();
    bench.forgets = true;
    assert.deepEqual(await bench.daemon.setRole('standby'), {
      role: 'standby',
      problems: [],
      unremembered: 'no space',
    });
    assert.deepEqual(await bench.table(), []);
    assert.ok(bench.logged.includes('no space'));
  });

  it('is not changed any more once the daemon stops, but is remembered for the next one', async () => {
    const bench = new Bench(fileWith({}));
    await bench.start();
    await bench.daemon.stop();
    assert.deepEqual(await bench.daemon.setRole('standby'), {
      role: 'standby',
      problems: ['ipvsd is stopping, the next start is told: standby'],
    });
    assert.equal(bench.daemon.role, 'active');
    assert.equal(bench.remembered, 'standby');
    bench.forgets = true;
    const { problems } = await bench.daemon.setRole('active');
    assert.deepEqual(problems, ['ipvsd is stopping, no space']);
  });
});
