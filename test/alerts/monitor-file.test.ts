import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ServerOfVirtual } from '../../src/alerts/event.ts';
import { type AppendFile, MonitorFiles } from '../../src/alerts/monitor-file.ts';
import { checktype, config, real, virtual } from '../support/builders.ts';
import { recordedLog } from '../support/recorded-log.ts';

const monitored = virtual({
  monitorFile: '/m',
  reals: [real('10.9.0.2')],
});
const identified = checktype({ type: 'on' }, { identity: 'connect tcp 10.9.0.2 80' });
const server = (of = monitored): ServerOfVirtual => {
  const [first] = of.reals;
  assert.ok(first);
  return { key: 'k', virtual: of, real: first };
};

function bench(append: AppendFile) {
  const { log, lines } = recordedLog();
  const files = new MonitorFiles(append, log);
  const check = (reason: string, of = monitored) =>
    files.observe({
      kind: 'check',
      server: server(of),
      check: identified,
      up: true,
      reason,
      at: new Date(),
    });
  return { files, check, lines };
}

describe('MonitorFiles', () => {
  it('makes the file when the configuration is loaded, and writes a line for every check', async () => {
    const written: [string, string][] = [];
    const { files, check } = bench(async (path, text) => void written.push([path, text]));
    files.observe({ kind: 'config', config: config(monitored, virtual()) });
    assert.deepEqual(written, [['/m', '']]);
    check('one');
    check('two');
    check('not this one', virtual());
    await files.close();
    const text = written.map(([, part]) => part).join('');
    assert.match(text, /^\[[^\]]*\] \[\d+\] connect tcp 10\.9\.0\.2 80 \[up\] one\n\[.*two\n$/);
  });

  it('lines that come while it writes go out together', async () => {
    const texts: string[] = [];
    let release = (): void => undefined;
    const { files, check } = bench((_, text) => {
      texts.push(text);
      return new Promise((resolve) => {
        release = resolve;
      });
    });
    for (const reason of ['one', 'two', 'three']) check(reason);
    release();
    await new Promise(setImmediate);
    assert.deepEqual(
      texts.map((text) => text.split('\n').length - 1),
      [1, 2],
    );
    release();
    await files.close();
  });

  it('a file that cannot be written is logged once, and is tried again', async () => {
    let isBroken = true;
    const texts: string[] = [];
    const { files, check, lines } = bench((_, text) => {
      if (isBroken) return Promise.reject(new Error('no space left on device'));
      texts.push(text);
      return Promise.resolve();
    });
    for (const reason of ['one', 'two', 'three']) {
      check(reason);
      await files.close();
    }
    assert.deepEqual(lines, ['error unable to write monitorfile /m: no space left on device']);
    isBroken = false;
    check('four');
    await files.close();
    assert.match(texts.join(''), /\[up\] four\n$/);
    isBroken = true;
    check('five');
    await files.close();
    assert.equal(lines.length, 2);
  });
});
