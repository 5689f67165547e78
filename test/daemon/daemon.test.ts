import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BackendError } from '../../src/backend/backend.ts';
import { stuckReason } from '../../src/status/verdict.ts';
import { config, destination, localFallback, real, service, virtual } from '../support/builders.ts';
import { Bench } from '../support/daemon-bench.ts';

const head = { version: '1', instance: 'i', pid: 1, config: 'c', networkNamespace: 'n' };

const add = '-A -t 10.9.0.30:80 -s wrr';
const row = (address: string, weight = 1) => `-a -t 10.9.0.30:80 -r ${address}:80 -g -w ${weight}`;
const file = config(virtual({ fallbacks: [localFallback] }));

describe('Daemon', () => {
  it('puts in what its first checks found good', async () => {
    const bench = new Bench(file);
    bench.failing.add('10.9.0.3');
    assert.deepEqual(await bench.start(), []);
    assert.deepEqual(await bench.table(), [add, row('10.9.0.2')]);
    assert.ok(bench.logged.includes('Real server down: tcp:10.9.0.30:80 10.9.0.3:80'));
  });

  it('shows no fallback while the first answers are on their way, and then only if it must', async () => {
    const bench = new Bench(file);
    bench.silent.add('10.9.0.2').add('10.9.0.3');
    const started = bench.daemon.start();
    await bench.clock.advance(900);
    assert.deepEqual(await bench.table(), []);
    await bench.clock.advance(200);
    await started;
    assert.deepEqual(await bench.table(), [add, row('127.0.0.1')]);
  });

  it('waits for the first answer of a fallback that has checks, as for those of real servers', async () => {
    const { checks } = real('10.9.0.9');
    const checked = { ...localFallback, key: 'fallback 10.9.0.9:80', address: '10.9.0.9' };
    const bench = new Bench(config(virtual({ fallbacks: [{ ...checked, checks }] })));
    bench.failing.add('10.9.0.2').add('10.9.0.3');
    bench.slow.add('10.9.0.9');
    const started = bench.daemon.start();
    await bench.clock.advance(500);
    assert.deepEqual(await bench.table(), []);
    await bench.clock.advance(200);
    await started;
    assert.deepEqual(await bench.table(), [add, row('10.9.0.9')]);
  });

  it('gives no client to a fallback whose check has not answered', async () => {
    const { checks } = real('10.9.0.9');
    const bench = new Bench(config(virtual({ fallbacks: [{ ...localFallback, checks }] })));
    bench.failing.add('10.9.0.2').add('10.9.0.3');
    bench.silent.add('10.9.0.9');
    const started = bench.daemon.start();
    await bench.clock.advance(1100);
    await started;
    assert.deepEqual(await bench.table(), [add]);
  });

  it('changes nothing that is right when it starts, and waits for a bad check', async () => {
    const before = [service([destination('10.9.0.2'), destination('10.9.0.3')])];
    const bench = new Bench(file, before);
    bench.silent.add('10.9.0.2');
    bench.failing.add('10.9.0.3');
    await bench.start();
    assert.deepEqual(await bench.table(), [add, row('10.9.0.2')]);
    // its deadline is a failed check
    await bench.clock.advance(1000);
    assert.deepEqual(await bench.table(), [add, row('127.0.0.1')]);
  });

  it('takes a server out as soon as its check fails and brings it back as soon as it is good', async () => {
    const bench = new Bench(file);
    await bench.start();
    bench.failing.add('10.9.0.2');
    await bench.clock.advance(1000);
    assert.deepEqual(await bench.table(), [add, row('10.9.0.3')]);
    bench.failing.clear();
    await bench.clock.advance(1000);
    assert.deepEqual(await bench.table(), [add, row('10.9.0.2'), row('10.9.0.3')]);
  });

  it('repairs drift within a check interval and counts it', async () => {
    const bench = new Bench(file);
    await bench.start();
    await bench.backend.apply([{ kind: 'delete-service', service: service([]).id }]);
    await bench.clock.advance(1000);
    assert.deepEqual(await bench.table(), [add, row('10.9.0.2'), row('10.9.0.3')]);
    assert.equal((await bench.daemon.snapshot(head)).driftRepairs, 1);
  });

  it('reload: keeps health, adds what is new after its first check, deletes what is gone', async () => {
    const otherId = { family: 'inet', protocol: 'tcp', address: '10.9.0.31', port: 80 } as const;
    const bench = new Bench(config(virtual(), virtual({ id: otherId })));
    bench.failing.add('10.9.0.3');
    await bench.start();
    const reals = [real('10.9.0.2', { weight: 9 }), real('10.9.0.3'), real('10.9.0.4')];
    const reloaded = bench.daemon.reload(config(virtual({ reals })));
    await bench.clock.advance(1500);
    await reloaded;
    assert.deepEqual(await bench.table(), [add, row('10.9.0.2', 9), row('10.9.0.4')]);
  });

  it('makes one change of the table for all answers that come together', async () => {
    const reals = Array.from({ length: 50 }, (_, i) => real(`10.9.0.${i + 1}`));
    const slow = virtual({ reals, intervals: { normalMs: 1000, fastMs: 1000, downMs: 1000 } });
    const bench = new Bench(config(slow));
    await bench.start();
    const sends: number[] = [];
    const apply = bench.backend.apply.bind(bench.backend);
    bench.backend.apply = (operations) => {
      sends.push(operations.length);
      return apply(operations);
    };
    const answer = bench.hold(...reals.slice(0, 40).map(({ address }) => address));
    await bench.clock.advance(999);
    answer('connection refused');
    await bench.clock.advance(0);
    assert.deepEqual(sends, [40]);
  });

  it('logs each change once, also when several things asked for it', async () => {
    const bench = new Bench(file);
    await bench.start();
    const apply = bench.backend.apply.bind(bench.backend);
    bench.backend.apply = async (operations) => {
      await new Promise<void>((resolve) => void bench.clock.setTimer(resolve, 900));
      return apply(operations);
    };
    bench.failing.add('10.9.0.2').add('10.9.0.3');
    await bench.clock.advance(4000);
    const changes = bench.logged.filter((line) => /^(Added|Deleted)/.test(line)).slice(3);
    assert.deepEqual(changes, [
      'Deleted real server: 10.9.0.3:80 (10.9.0.30:80)',
      'Added fallback server: 127.0.0.1:80 (10.9.0.30:80) (Weight set to 1)',
      'Deleted real server: 10.9.0.2:80 (10.9.0.30:80)',
    ]);
  });

  it('keeps the last good servers with minservers, and raises the alarm', async () => {
    const bench = new Bench(
      config(virtual({ minServers: { count: 1 }, fallbacks: [localFallback] })),
    );
    await bench.start();
    bench.failing.add('10.9.0.2');
    await bench.clock.advance(1000);
    assert.deepEqual(await bench.table(), [add, row('10.9.0.3')]);
    bench.failing.add('10.9.0.3');
    await bench.clock.advance(5000);
    assert.deepEqual(await bench.table(), [add, row('10.9.0.3')]);
    const alarm =
      'Kept in service by minservers though its check fails: tcp:10.9.0.30:80 10.9.0.3:80';
    assert.equal(bench.logged.filter((line) => line === alarm).length, 1);
    const texts = bench.told.flatMap((event) => (event.kind === 'kept' ? [event.text] : []));
    const text = 'Kept in service by minservers though its check fails: 10.9.0.3:80 (10.9.0.30:80)';
    assert.deepEqual(texts, [text]);
  });

  it('checks a down server at downinterval', async () => {
    const intervals = { normalMs: 1000, fastMs: 1000, downMs: 10_000 };
    const bench = new Bench(config(virtual({ intervals })));
    await bench.start();
    bench.failing.add('10.9.0.2');
    await bench.clock.advance(1000);
    bench.failing.clear();
    await bench.clock.advance(1000);
    assert.deepEqual(await bench.table(), [add, row('10.9.0.3')]);
    await bench.clock.advance(10_000);
    assert.deepEqual(await bench.table(), [add, row('10.9.0.2'), row('10.9.0.3')]);
  });

  it('reload: old servers serve until the new ones of their virtual have answered', async () => {
    const bench = new Bench(config(virtual({ reals: [real('10.9.0.2')] })));
    await bench.start();
    bench.slow.add('10.9.0.4');
    const reloaded = bench.daemon.reload(config(virtual({ reals: [real('10.9.0.4')] })));
    await bench.clock.advance(500);
    assert.deepEqual(await bench.table(), [add, row('10.9.0.2')]);
    await bench.clock.advance(500);
    await reloaded;
    assert.deepEqual(await bench.table(), [add, row('10.9.0.4')]);
  });

  it('a reload that comes while it stops changes nothing any more', async () => {
    const bench = new Bench(file);
    await bench.start();
    const stopped = bench.daemon.stop();
    const reloaded = bench.daemon.reload(config());
    await bench.clock.advance(4000);
    await Promise.all([stopped, reloaded]);
    assert.deepEqual(await bench.table(), []);
  });

  it('goes on when the kernel cannot be read for a while', async () => {
    const bench = new Bench(file);
    await bench.start();
    const readTable = bench.backend.readTable.bind(bench.backend);
    bench.backend.readTable = () => Promise.reject(new BackendError('the kernel is gone'));
    await bench.clock.advance(2000);
    assert.ok(bench.logged.includes('the kernel is gone'));
    bench.backend.readTable = readTable;
    bench.failing.add('10.9.0.2');
    await bench.clock.advance(2000);
    assert.deepEqual(await bench.table(), [add, row('10.9.0.3')]);
  });

  it('shows a main loop that waits for a kernel without an answer, and none by a machine that slept', async () => {
    const bench = new Bench(file);
    assert.equal(stuckReason(bench.daemon.pulse()), 'the daemon has not applied its rules yet');
    await bench.start();
    bench.clock.sleep(3_600_000);
    assert.equal(stuckReason(bench.daemon.pulse()), undefined);
    bench.backend.readTable = () => new Promise(() => {});
    await bench.clock.advance(60_000);
    const reason = stuckReason(bench.daemon.pulse()) ?? '';
    assert.match(reason, /^the main loop has not gone round for (59|60) s$/);
  });

  it('tells what the kernel refuses and does the rest', async () => {
    const reals = [real('10.9.0.2'), real('10.9.0.3', { weight: -1 })];
    const bench = new Bench(config(virtual({ reals })));
    const problems = await bench.start();
    assert.equal(problems.length, 1);
    assert.match(problems[0] ?? '', /^ipvsadm -a -t 10\.9\.0\.30:80 -r 10\.9\.0\.3:80 .*weight/);
    assert.deepEqual(await bench.table(), [add, row('10.9.0.2')]);
  });

  it('names what is refused once, and not what follows from it', async () => {
    const bad = virtual({ scheduler: 'no scheduler of the kernel', reals: [real('10.9.0.2')] });
    const good = virtual({ id: { family: 'inet', fwmark: 5 } });
    const bench = new Bench(config(bad, good));
    const problems = await bench.start();
    assert.equal(problems.length, 1);
    assert.match(problems[0] ?? '', /^ipvsadm -A -t 10\.9\.0\.30:80 -s no scheduler/);
    assert.deepEqual((await bench.table())[0], '-A -f 5 -s wrr');
    await bench.clock.advance(5000);
    assert.equal(bench.logged.filter((line) => line === problems[0]).length, 1);
    await bench.daemon.reload(config(good));
    const again = bench.daemon.reload(config(bad, good));
    await bench.clock.advance(1100);
    assert.deepEqual(await again, problems);
    assert.equal(bench.logged.filter((line) => line === problems[0]).length, 2);
  });

  it('stop: deletes the services with cleanstop=yes and leaves the others as they are', async () => {
    const stays = { family: 'inet', protocol: 'tcp', address: '10.9.0.31', port: 80 } as const;
    const bench = new Bench(config(virtual(), virtual({ id: stays, cleanstop: false })));
    await bench.start();
    await bench.daemon.stop();
    assert.deepEqual(await bench.table(), [
      '-A -t 10.9.0.31:80 -s wrr',
      '-a -t 10.9.0.31:80 -r 10.9.0.2:80 -g -w 1',
      '-a -t 10.9.0.31:80 -r 10.9.0.3:80 -g -w 1',
    ]);
    await bench.clock.advance(5000);
    assert.equal((await bench.table()).length, 3);
    assert.equal(bench.clock.pending, 0);
  });

  it('stop does not wait for ever for a check that does not end', async () => {
    const bench = new Bench(file);
    await bench.start();
    bench.silent.add('10.9.0.2');
    await bench.clock.advance(1000);
    const stopped = bench.daemon.stop();
    await bench.clock.advance(3000);
    await stopped;
    assert.deepEqual(await bench.table(), []);
  });

  it('keeps the old file whole when the kernel cannot be read at a reload', async () => {
    const bench = new Bench(file);
    await bench.start();
    const readTable = bench.backend.readTable.bind(bench.backend);
    bench.backend.readTable = () => Promise.reject(new BackendError('the kernel is gone'));
    await assert.rejects(bench.daemon.reload(config()), BackendError);
    assert.equal(bench.daemon.config, file);
    bench.backend.readTable = readTable;
    await bench.clock.advance(1000);
    assert.equal((await bench.table()).length, 3);
  });

  it('stop during start leaves nothing behind', async () => {
    const bench = new Bench(file);
    bench.silent.add('10.9.0.2').add('10.9.0.3');
    const started = bench.daemon.start();
    await bench.clock.advance(100);
    const stopped = bench.daemon.stop();
    await bench.clock.advance(4000);
    await Promise.all([started, stopped]);
    assert.deepEqual(await bench.table(), []);
  });

  it('tells its observers what happens, in the order in which it does', async () => {
    const bench = new Bench(file);
    await bench.start();
    assert.deepEqual(bench.stories(), [
      'role active',
      'phase starting',
      'config',
      'table Added virtual server: 10.9.0.30:80',
      'table Added real server: 10.9.0.2:80 (10.9.0.30:80) (Weight set to 1)',
      'table Added real server: 10.9.0.3:80 (10.9.0.30:80) (Weight set to 1)',
      'server 10.9.0.2:80 true',
      'server 10.9.0.3:80 true',
      'pool true false',
      'phase running',
    ]);
    bench.failing.add('10.9.0.2').add('10.9.0.3');
    await bench.clock.advance(1000);
    const fallback = '127.0.0.1:80 (10.9.0.30:80)';
    assert.deepEqual(bench.stories().toSorted(), [
      'pool false false',
      'server 10.9.0.2:80 false',
      'server 10.9.0.3:80 false',
      `table Added fallback server: ${fallback} (Weight set to 1)`,
      'table Deleted real server: 10.9.0.2:80 (10.9.0.30:80)',
      'table Deleted real server: 10.9.0.3:80 (10.9.0.30:80)',
    ]);
    bench.failing.delete('10.9.0.2');
    await bench.clock.advance(1000);
    assert.deepEqual(bench.stories(), [
      'table Added real server: 10.9.0.2:80 (10.9.0.30:80) (Weight set to 1)',
      `table Deleted fallback server: ${fallback}`,
      'server 10.9.0.2:80 true',
      'pool true false',
    ]);
    const reloaded = bench.daemon.reload(file);
    await bench.clock.advance(100);
    await reloaded;
    assert.deepEqual(bench.stories(), ['phase reloading', 'config', 'phase running']);
    await bench.daemon.stop();
    assert.deepEqual(bench.stories(), [
      'phase stopping',
      'table Purged real server (stop): 10.9.0.2:80 (10.9.0.30:80)',
      'table Purged virtual server (stop): 10.9.0.30:80',
      'phase stopped',
    ]);
  });

  it('tells every check, once for each virtual server that it is for', async () => {
    const otherId = { family: 'inet', protocol: 'tcp', address: '10.9.0.31', port: 80 } as const;
    const reals = [real('10.9.0.2')];
    const bench = new Bench(config(virtual({ reals }), virtual({ id: otherId, reals })));
    await bench.start();
    bench.failing.add('10.9.0.2');
    await bench.clock.advance(1000);
    const checks = bench.told.flatMap((event) =>
      event.kind === 'check' ? [`${event.server.key} ${event.up} ${event.reason}`] : [],
    );
    assert.deepEqual(checks, [
      'tcp:10.9.0.30:80 10.9.0.2:80 true connected',
      'tcp:10.9.0.31:80 10.9.0.2:80 true connected',
      'tcp:10.9.0.30:80 10.9.0.2:80 false connection refused',
      'tcp:10.9.0.31:80 10.9.0.2:80 false connection refused',
    ]);
  });

  it('tells a change once, also when several servers change in one moment', async () => {
    const bench = new Bench(config(virtual({ reals: [real('10.9.0.2'), real('10.9.0.3')] })));
    await bench.start();
    bench.stories();
    const released = bench.hold('10.9.0.2', '10.9.0.3');
    await bench.clock.advance(999);
    released('connection refused');
    await bench.clock.advance(0);
    const deleted = bench.stories().filter((story) => story.startsWith('table Deleted'));
    assert.equal(deleted.length, 2);
    assert.equal(new Set(deleted).size, 2);
  });

  it('takes over what the kernel has: a pool that was served, or was not', async () => {
    const served = new Bench(file, [service([destination('10.9.0.2')])]);
    await served.start();
    assert.equal(served.stories()[3], 'pool true true');
    const unserved = new Bench(file, [service([destination('127.0.0.1')])]);
    unserved.failing.add('10.9.0.2').add('10.9.0.3');
    await unserved.start();
    assert.deepEqual(unserved.stories(), [
      'role active',
      'phase starting',
      'config',
      'pool false true',
      'server 10.9.0.2:80 false',
      'server 10.9.0.3:80 false',
      'phase running',
    ]);
  });

  it('maintenance: takes a server out at once whatever failurecount says, and gives it back', async () => {
    const bench = new Bench(config(virtual({ failureCount: 3, quiescent: true })));
    await bench.start();
    const key = 'tcp:10.9.0.30:80 10.9.0.2:80';
    bench.daemon.setMaintenance(new Map([[key, '10.9.0.2']]));
    await bench.clock.advance(0);
    assert.deepEqual(await bench.table(), [add, row('10.9.0.2', 0), row('10.9.0.3')]);
    bench.told.splice(0);
    await bench.clock.advance(1000);
    const checks = bench.told.flatMap((event) =>
      event.kind === 'check' ? [`${event.up} ${event.reason}`] : [],
    );
    assert.deepEqual(checks.toSorted(), ['false Server in maintenance', 'true connected']);
    const { virtuals } = await bench.daemon.snapshot(head);
    assert.deepEqual(
      virtuals[0]?.reals.map(({ health, order }) => `${health} ${order}`),
      ['up maintenance', 'up undefined'],
    );
    bench.daemon.setMaintenance(new Map());
    await bench.clock.advance(0);
    assert.deepEqual(await bench.table(), [add, row('10.9.0.2'), row('10.9.0.3')]);
    assert.ok(bench.logged.includes(`Real server out of maintenance: ${key}`));
  });

  it('gives a snapshot also when the kernel cannot be read', async () => {
    const bench = new Bench(file);
    await bench.start();
    bench.backend.readTable = () => Promise.reject(new BackendError('gone for a moment'));
    const snapshot = await bench.daemon.snapshot(head);
    assert.equal(snapshot.kernelError, 'gone for a moment');
    assert.deepEqual(
      snapshot.virtuals[0]?.reals.map(({ health }) => health),
      ['up', 'up'],
    );
  });

  it('names a service that another instance has as well, once', async () => {
    const bench = new Bench(file);
    bench.shared = [{ service: 'tcp 10.9.0.30:80', instance: 'b.cf' }];
    await bench.start();
    await bench.clock.advance(5000);
    const line =
      'also in the file of another instance, the two undo each other: tcp 10.9.0.30:80 (b.cf)';
    assert.deepEqual(
      bench.logged.filter((one) => one.startsWith('also in')),
      [line],
    );
    assert.deepEqual((await bench.daemon.snapshot(head)).shared, bench.shared);
    bench.shared = [];
    await bench.clock.advance(1000);
    assert.equal((await bench.daemon.snapshot(head)).shared, undefined);
  });

  it('maintenance from before the start, and a server that is sick when it ends', async () => {
    const bench = new Bench(file);
    bench.daemon.setMaintenance(new Map([['tcp:10.9.0.30:80 10.9.0.2:80', 'rs2']]));
    bench.failing.add('10.9.0.2');
    await bench.start();
    assert.deepEqual(await bench.table(), [add, row('10.9.0.3')]);
    bench.daemon.setMaintenance(new Map());
    await bench.clock.advance(0);
    assert.deepEqual(await bench.table(), [add, row('10.9.0.3')]);
    bench.failing.clear();
    await bench.clock.advance(1000);
    assert.deepEqual(await bench.table(), [add, row('10.9.0.2'), row('10.9.0.3')]);
  });

  it('a reload while the kernel cannot be read keeps the old file in force', async () => {
    const bench = new Bench(file);
    await bench.start();
    const readTable = bench.backend.readTable.bind(bench.backend);
    bench.backend.readTable = () => Promise.reject(new BackendError('the kernel is gone'));
    await assert.rejects(bench.daemon.reload(config()), /the kernel is gone/);
    bench.backend.readTable = readTable;
    assert.equal(bench.daemon.config, file);
    await bench.clock.advance(2000);
    assert.deepEqual(await bench.table(), [add, row('10.9.0.2'), row('10.9.0.3')]);
  });

  it('tells in the log of a server that a reload without damping brings back', async () => {
    const damping = { minMs: 20_000, maxMs: 60_000 };
    const bench = new Bench(config(virtual({ damping })));
    await bench.start();
    bench.failing.add('10.9.0.2');
    await bench.clock.advance(1000);
    bench.failing.clear();
    await bench.clock.advance(3000);
    assert.deepEqual(await bench.table(), [add, row('10.9.0.3')]);
    bench.logged.splice(0);
    const reloaded = bench.daemon.reload(config(virtual()));
    await bench.clock.advance(100);
    await reloaded;
    assert.deepEqual(
      bench.logged.filter((line) => line.startsWith('Real server up')),
      ['Real server up: tcp:10.9.0.30:80 10.9.0.2:80, the file does not hold it back any more'],
    );
    assert.deepEqual(await bench.table(), [add, row('10.9.0.2'), row('10.9.0.3')]);
  });

  for (const hours of [-1, 1]) {
    it(`the time of day set by ${hours} h: neither a hold nor a slow start lasts longer or shorter`, async () => {
      const damping = { minMs: 20_000, maxMs: 60_000 };
      const weighty = { weight: 100 };
      const reals = [real('10.9.0.2', weighty), real('10.9.0.3', weighty)];
      const bench = new Bench(config(virtual({ damping, slowStartMs: 10_000, reals })));
      await bench.start();
      const weights = async () =>
        (await bench.table()).flatMap(
          (line) => /(\.\d+):80 -g -w (\d+)/.exec(line)?.slice(1) ?? [],
        );
      bench.failing.add('10.9.0.2');
      await bench.clock.advance(1000);
      bench.failing.clear();
      bench.clock.sleep(hours * 3_600_000);
      await bench.clock.advance(15_000);
      assert.deepEqual(await weights(), ['.3', '100']);
      await bench.clock.advance(7000);
      const [, started = '0'] = await weights();
      assert.ok(Number(started) > 0 && Number(started) < 50, started);
      bench.clock.sleep(hours * 3_600_000);
      await bench.clock.advance(4000);
      const [, half = '0'] = await weights();
      assert.ok(Number(half) > 20 && Number(half) < 80, half);
      await bench.clock.advance(8000);
      assert.deepEqual(await weights(), ['.2', '100', '.3', '100']);
    });
  }
});
