import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { execa } from 'execa';

describe('the kernel tier', () => {
  it('has a real ip_vs with a table that is empty at first', async () => {
    const before = await execa('ipvsadm', ['-Sn']);
    assert.equal(before.stdout, '');
    await execa('ipvsadm', ['-A', '-t', '10.1.2.3:80', '-s', 'wrr', '-p', '60']);
    await execa('ipvsadm', ['-a', '-t', '10.1.2.3:80', '-r', '10.1.2.4:80', '-g', '-w', '3']);
    const after = await execa('ipvsadm', ['-Sn']);
    assert.deepEqual(after.stdout.split('\n'), [
      '-A -t 10.1.2.3:80 -s wrr -p 60',
      '-a -t 10.1.2.3:80 -r 10.1.2.4:80 -g -w 3',
    ]);
  });
});
