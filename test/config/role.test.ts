import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Conduct } from '../../src/config/model.ts';
import { conductOf, isRole } from '../../src/config/role.ts';

describe('conductOf', () => {
  it('lets the file say what standby is, and not what active is', () => {
    const standby: Conduct = { checks: 'slow', table: 'clear' };
    assert.deepEqual(conductOf('standby', { standby }), standby);
    assert.deepEqual(conductOf('active', { standby }), { checks: 'full', table: 'keep' });
  });
});

describe('isRole', () => {
  it('knows the two words', () => {
    assert.deepEqual(['active', 'standby', 'Active', '', undefined].map(isRole), [
      true,
      true,
      false,
      false,
      false,
    ]);
  });
});
