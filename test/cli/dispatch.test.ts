import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { usage } from '../../src/cli/usage.ts';
import { callIpvsd } from '../support/call-ipvsd.ts';

describe('the words of the command line', () => {
  for (const words of [['plna', 'x.cf'], ['help'], ['--json'], ['x.cf', 'plan']]) {
    it(`"${words.join(' ')}" is named as what it is not, with ipvsd's own usage`, async () => {
      const { exitCode, stdout, stderr } = await callIpvsd(...words);
      assert.deepEqual([exitCode, stdout], [255, usage]);
      assert.equal(stderr, `ipvsd: "${words[0]}" is no command, and no action follows it\n`);
    });
  }
  for (const words of [['--help'], ['run', '--help'], ['plan', '-h'], ['status', '--help']]) {
    it(`"${words.join(' ')}" shows the usage`, async () => {
      const { exitCode, stdout, stderr } = await callIpvsd(...words);
      assert.deepEqual([exitCode, stdout, stderr], [0, usage, '']);
    });
  }
  it('an unknown option is named in one line', async () => {
    const { exitCode, stderr } = await callIpvsd('run', 'x.cf', '--foo');
    assert.deepEqual([exitCode, stderr], [1, "ipvsd: Unknown option '--foo'\n"]);
  });
  it("ldirectord's form keeps its own usage", async () => {
    const { exitCode, stdout } = await callIpvsd('-x', 'start');
    assert.equal(exitCode, 255);
    assert.match(stdout, /^usage: ldirectord /);
  });
});
