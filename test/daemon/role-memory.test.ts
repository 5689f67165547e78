import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
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

  it('says that a restart will forget it', () => {
    const path = '/dev/null/ipvsd/www.cf.role';
    assert.throws(() => new RoleMemory(path).remember('active'), {
      message: `${path}: cannot be written, a restart forgets the role: not a directory`,
    });
  });
});
