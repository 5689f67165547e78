import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { describe, it, type TestContext } from 'node:test';
import { pino } from 'pino';
import { reload } from '../../src/cli/load.ts';
import type { Config } from '../../src/config/model.ts';
import { FileWatch } from '../../src/daemon/autoreload.ts';
import { Reloader } from '../../src/daemon/reloader.ts';
import { systemClock } from '../../src/health/clock.ts';
import { temporaryDirectory } from '../support/script.ts';

const refused = 'configuration refused, the old one stays in force whole';
const whole =
  'autoreload=yes\nvirtual=10.9.0.30:80\n\treal=10.9.0.2:80 gate\n\tfallback=127.0.0.1:80\n';

/** A reloader on a real file, with a daemon that only remembers what it is given. */
async function bench(t: TestContext, autoreload = true) {
  const path = `${temporaryDirectory(t)}/a.cf`;
  writeFileSync(path, whole);
  const { config } = await reload(path);
  assert.ok(config);
  const daemon = {
    config,
    reloadError: undefined as string | undefined,
    async reload(next: Config) {
      daemon.config = next;
      daemon.reloadError = undefined;
      return [];
    },
    setReloadError(reason: string | undefined) {
      daemon.reloadError = reason;
    },
  };
  const logged: string[] = [];
  const log = pino({}, { write: (line: string) => logged.push(JSON.parse(line).msg) });
  let looked = (): void => undefined;
  const watch = new FileWatch(systemClock, () => {
    const done = autoreload ? reloader.reload('changed') : reloader.compare();
    void done.then(() => looked());
  });
  t.after(() => watch.stop());
  const maintenance = { use: async () => undefined };
  const load = () => reload(path);
  const reloader = new Reloader({
    daemon,
    maintenance,
    watch,
    log,
    load,
    notes: ({ logfile }) => (logfile === '/x' ? ['logfile has changed'] : []),
  });
  await watch.setPaths([path]);
  watch.start(5);
  return {
    path,
    daemon,
    reloader,
    logged: () => logged.splice(0),
    /** Writes the file and waits until the watch has had it looked at. */
    change: (text: string) =>
      new Promise<void>((resolve) => {
        looked = resolve;
        writeFileSync(path, text);
      }),
  };
}

describe('Reloader', () => {
  for (const [name, text, reason] of [
    ['empty', '', 'the file is empty'],
    ['all comment', '# nothing\n\n', 'the file is empty'],
    [
      'without a virtual server',
      'autoreload=yes\n',
      'the file has no virtual server any more, a reload by hand takes it',
    ],
  ] as const) {
    it(`refuses a file that has changed by itself and is ${name}, until it is whole again`, async (t) => {
      const { path, daemon, change, logged } = await bench(t);
      const before = daemon.config;
      await change(text);
      assert.equal(daemon.config, before);
      assert.equal(daemon.reloadError, `${path}: ${reason}`);
      assert.deepEqual(logged(), [`${path}: ${reason}`, refused]);
      await change(whole);
      assert.equal(daemon.reloadError, undefined);
      assert.deepEqual(logged(), ['Reread new configuration']);
    });
  }

  it('does not fill the log with what is wrong with a file that is something else', async (t) => {
    const { path, reloader, logged } = await bench(t);
    writeFileSync(path, 'GET / HTTP/1.1 200\n'.repeat(1000));
    await reloader.reload('asked');
    const lines = logged();
    assert.equal(lines.length, 102);
    assert.match(lines[99] ?? '', /a\.cf:100:1: expected "name = value"/);
    assert.deepEqual(lines.slice(100), [
      'further findings, see "ipvsd config check": 900',
      refused,
    ]);
  });

  it('takes a file without a virtual server when asked to, but no empty one', async (t) => {
    const { path, daemon, reloader, logged } = await bench(t);
    writeFileSync(path, '');
    await reloader.reload('asked');
    assert.equal(daemon.config.virtuals.length, 1);
    assert.equal(daemon.reloadError, `${path}: the file is empty`);
    logged();
    writeFileSync(path, 'checkinterval=3\n');
    await reloader.reload('asked');
    assert.equal(daemon.config.virtuals.length, 0);
    assert.deepEqual(logged(), ['the file has no virtual server', 'Reread new configuration']);
  });

  it('asks nothing of a file that has no virtual server from the beginning', async (t) => {
    const { path, daemon, reloader } = await bench(t);
    writeFileSync(path, 'checkinterval=3\n');
    await reloader.reload('asked');
    writeFileSync(path, '');
    await reloader.reload('asked');
    assert.equal(daemon.reloadError, undefined);
  });

  it('what was asked for wins over what has changed by itself meanwhile', async (t) => {
    const { path, daemon, reloader } = await bench(t, false);
    writeFileSync(path, 'checkinterval=3\n');
    await Promise.all([
      reloader.reload('changed'),
      reloader.reload('asked'),
      reloader.reload('changed'),
    ]);
    assert.equal(daemon.config.virtuals.length, 0);
  });

  for (const autoreload of [true, false]) {
    it(`forgets a refusal when the file is as before, autoreload ${autoreload}`, async (t) => {
      const { path, daemon, reloader, change } = await bench(t, autoreload);
      for (const spoil of [() => writeFileSync(path, 'nonsense'), () => rmSync(path)]) {
        spoil();
        // at once: the watch has not seen the broken file
        await reloader.reload('asked');
        assert.ok(daemon.reloadError);
        await change(whole);
        assert.equal(daemon.reloadError, undefined);
      }
    });
  }

  it('says what of the file a reload does not put in force', async (t) => {
    const { path, reloader, logged } = await bench(t, false);
    writeFileSync(path, `logfile="/x"\n${whole}`);
    await reloader.reload('asked');
    assert.deepEqual(logged(), ['Reread new configuration', 'logfile has changed']);
  });

  it('says what else kept the file from coming into force', async (t) => {
    const { path, daemon, reloader, logged } = await bench(t);
    const take = daemon.reload.bind(daemon);
    daemon.reload = () => Promise.reject(new Error('the kernel is gone'));
    writeFileSync(path, whole.replace('10.9.0.2', '10.9.0.3'));
    await reloader.reload('asked');
    assert.equal(daemon.reloadError, 'reload failed: the kernel is gone');
    assert.deepEqual(logged(), ['reload failed: the kernel is gone']);
    daemon.reload = take;
    await reloader.reload('asked');
    assert.equal(daemon.reloadError, undefined);
  });

  it('keeps a refusal while the file is another one and nothing is reloaded', async (t) => {
    const { path, daemon, reloader, change } = await bench(t, false);
    writeFileSync(path, 'nonsense');
    await reloader.reload('asked');
    await change(whole.replace('10.9.0.2', '10.9.0.3'));
    assert.match(daemon.reloadError ?? '', /nonsense/);
    await change(whole);
    assert.equal(daemon.reloadError, undefined);
  });
});
