import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { callIpvsd } from '../support/call-ipvsd.ts';

/** What goes with a running daemon is in test/kernel/role.test.ts. */
describe('ipvsd role', () => {
  const wrong: readonly (readonly [words: readonly string[], message: string])[] = [
    [[], 'role: expected active or standby, or a CONFIG alone, got ""'],
    [['passive', 'x.cf'], 'role: expected active or standby, or a CONFIG alone, got "passive"'],
    [['active'], 'role: active: expected exactly one CONFIG'],
    [['standby', 'x.cf', 'y.cf'], 'role: standby: expected exactly one CONFIG'],
    [['active', '/nowhere/x.cf'], 'Config file /nowhere/x.cf not found'],
  ];
  for (const [words, message] of wrong) {
    it(`"role ${words.join(' ')}" is a wrong call`, async () => {
      const { exitCode, stdout, stderr } = await callIpvsd('role', ...words);
      assert.deepEqual([exitCode, stdout, stderr], [1, '', `ipvsd: ${message}\n`]);
    });
  }

  it('says that nobody runs, whether the file is there or not', async () => {
    const { exitCode, stdout } = await callIpvsd('role', '/nowhere/x.cf');
    assert.deepEqual([exitCode, stdout], [3, 'ipvsd is stopped for /nowhere/x.cf\n']);
  });

  it('"run --role" knows no further role', async () => {
    const { exitCode, stderr } = await callIpvsd('run', '--role', 'backup', 'x.cf');
    assert.deepEqual(
      [exitCode, stderr],
      [1, 'ipvsd: --role: expected active or standby, got "backup"\n'],
    );
  });
});
