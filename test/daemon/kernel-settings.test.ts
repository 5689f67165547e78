import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { KernelSettings, wantedSettings } from '../../src/daemon/kernel-settings.ts';
import { config, virtual } from '../support/builders.ts';

describe('KernelSettings', () => {
  const name = 'net.ipv4.vs.expire_nodest_conn';
  const wanted = new Map([[name, '1']]);
  let folder: string;
  let memory: string;
  const file = () => join(folder, 'sys/net/ipv4/vs/expire_nodest_conn');
  const value = () => readFileSync(file(), 'utf8').trim();
  const open = () => new KernelSettings(memory, join(folder, 'sys'));

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'settings-'));
    memory = join(folder, 'run/test.sysctl.json');
    mkdirSync(join(folder, 'sys/net/ipv4/vs'), { recursive: true });
    writeFileSync(file(), '0\n');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('sets, tells what was before, and puts back', () => {
    const settings = open();
    assert.deepEqual(settings.apply(wanted), []);
    assert.equal(value(), '1');
    assert.deepEqual(settings.settings, [{ name, value: '1', before: '0' }]);
    assert.deepEqual(settings.restore(), []);
    assert.equal(value(), '0');
    assert.equal(existsSync(memory), false);
  });

  it('remembers over a kill what was there before', () => {
    open().apply(wanted);
    const next = open();
    next.apply(wanted);
    assert.deepEqual(next.settings, [{ name, value: '1', before: '0' }]);
    next.restore();
    assert.equal(value(), '0');
  });

  it('puts back what a new file no longer wants', () => {
    const settings = open();
    settings.apply(wanted);
    settings.apply(new Map());
    assert.equal(value(), '0');
    assert.deepEqual(settings.settings, []);
  });

  for (const stored of ['{"pid":1}', '{"net.ipv4.vs.expire_nodest_conn":{}}', '["0"]', '5', '\0']) {
    it(`does nothing with a memory that is not its own: ${JSON.stringify(stored)}`, () => {
      mkdirSync(join(folder, 'run'));
      writeFileSync(memory, stored);
      const settings = open();
      assert.deepEqual(settings.apply(wanted), []);
      assert.deepEqual(settings.settings, [{ name, value: '1', before: '0' }]);
      assert.deepEqual(settings.restore(), []);
      assert.equal(value(), '0');
    });
  }

  it('leaves a value that is right already, and puts that one back', () => {
    writeFileSync(file(), '1\n');
    const settings = open();
    settings.apply(wanted);
    settings.restore();
    assert.equal(value(), '1');
  });

  it('names what the kernel does not have', () => {
    const [problem] = open().apply(new Map([['net.ipv4.vs.nothing', '1']]));
    assert.match(problem ?? '', /^net\.ipv4\.vs\.nothing: cannot be read: /);
  });

  it('is asked for by persistentclean only', () => {
    assert.equal(wantedSettings(config(virtual())).size, 0);
    assert.deepEqual(wantedSettings(config(virtual({ persistentClean: true }))), wanted);
  });
});
