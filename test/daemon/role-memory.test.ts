import assert from 'node:assert/strict';
import { readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { execa } from 'execa';
import { RoleMemory } from '../../src/daemon/role-memory.ts';
import { temporaryDirectory } from '../support/script.ts';

describe('RoleMemory', () => {
  it('outlives the process, and no boot', (t) => {
    const path = join(temporaryDirectory(t), 'run', 'www.cf.role');
    assert.equal(new RoleMemory(path, 'first').recall(), undefined);
    new RoleMemory(path, 'first').remember('standby');
    assert.equal(new RoleMemory(path, 'first').recall(), 'standby');
    assert.equal(new RoleMemory(path, 'second').recall(), undefined);
  });

  it('knows this boot from others by itself', (t) => {
    const path = join(temporaryDirectory(t), 'www.cf.role');
    new RoleMemory(path).remember('standby');
    assert.equal(new RoleMemory(path).recall(), 'standby');
    assert.equal(new RoleMemory(path, '').recall(), undefined);
  });

  it('takes no half file for a role', (t) => {
    const path = join(temporaryDirectory(t), 'www.cf.role');
    writeFileSync(path, '{"role":"stan');
    assert.equal(new RoleMemory(path, '').recall(), undefined);
  });

  it('is written whole by two at once', async (t) => {
    const path = join(temporaryDirectory(t), 'www.cf.role');
    const script = `const { RoleMemory } = await import(process.argv[1]);
      const memory = new RoleMemory(process.argv[2], 'boot');
      for (let i = 0; i < 500; i++) {
        memory.remember('standby');
        memory.remember('active');
        if (memory.recall() === undefined) throw new Error('half a file');
      }`;
    const module = new URL('../../src/daemon/role-memory.js', import.meta.url).href;
    const argv = ['--input-type=module', '-e', script, module, path];
    await Promise.all([1, 2].map(() => execa(process.execPath, argv)));
    assert.equal(new RoleMemory(path, 'boot').recall(), 'active');
    assert.deepEqual(readdirSync(dirname(path)), ['www.cf.role']);
  });

  it('says that a restart will forget it', () => {
    const path = '/dev/null/ipvsd/www.cf.role';
    assert.throws(() => new RoleMemory(path).remember('active'), {
      message: `${path}: cannot be written, a restart forgets the role: not a directory`,
    });
  });
});
