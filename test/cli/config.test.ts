import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { callIpvsd } from '../support/call-ipvsd.ts';

describe('ipvsd config', () => {
  it('--help names every command', async () => {
    const { exitCode, stdout } = await callIpvsd('config', '--help');
    assert.equal(exitCode, 0);
    const { stderr } = await callIpvsd('config', 'wash');
    const [, names = ''] = /expected one of (.*), got "wash"/.exec(stderr) ?? [];
    assert.ok(names.split(', ').length >= 8);
    for (const name of names.split(', ')) {
      assert.match(stdout, new RegExp(`ipvsd config ${name} `), name);
    }
  });

  it('exits with 1 for another command', async () => {
    assert.equal((await callIpvsd('config', 'wash')).exitCode, 1);
    const { exitCode, stderr } = await callIpvsd('config');
    assert.equal(exitCode, 1);
    assert.match(stderr, /^ipvsd: config: expected one of .*, got nothing\n$/);
    assert.equal((await callIpvsd('config', 'check', '--wash', 'a.cf')).exitCode, 1);
  });
});
