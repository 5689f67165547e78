import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { includedPaths } from '../../../src/config/ldirectord/include.ts';
import { fakeFiles } from '../../support/fake-files.ts';

const files = fakeFiles({
  '/etc/lb/main.cf': '',
  '/etc/lb/conf.d/b.cf': '',
  '/etc/lb/conf.d/a.cf': '',
  '/etc/lb/conf.d/c1.cf': '',
  '/etc/lb/conf.d/.hidden.cf': '',
  '/etc/lb/conf.d/notes.txt': '',
  '/etc/lb/conf.d/a+b.cf': '',
  '/srv/all.cf': '',
});
const paths = (value: string, from = '/etc/lb/main.cf') => includedPaths(value, from, files);
const conf = (...names: readonly string[]) => ({
  folder: '/etc/lb/conf.d',
  paths: names.map((name) => `/etc/lb/conf.d/${name}`),
});

describe('include', () => {
  it('takes a file, also one that is not there, from the folder of the file it stands in', async () => {
    assert.deepEqual(await paths('second.cf'), { paths: ['/etc/lb/second.cf'] });
    assert.deepEqual(await paths('../x.cf', 'lb/main.cf'), { paths: ['x.cf'] });
    assert.deepEqual(await paths('/srv/all.cf'), { paths: ['/srv/all.cf'] });
  });

  it('takes all *.cf of a folder, sorted, without the hidden ones', async () => {
    assert.deepEqual(await paths('conf.d'), conf('a+b.cf', 'a.cf', 'b.cf', 'c1.cf'));
  });

  it('takes what matches a pattern', async () => {
    assert.deepEqual(await paths('conf.d/*'), conf('a+b.cf', 'a.cf', 'b.cf', 'c1.cf', 'notes.txt'));
    assert.deepEqual(await paths('conf.d/?.cf'), conf('a.cf', 'b.cf'));
    assert.deepEqual(await paths('conf.d/[a-b].cf'), conf('a.cf', 'b.cf'));
    assert.deepEqual(await paths('conf.d/[!a].cf'), conf('b.cf'));
    assert.deepEqual(await paths('conf.d/c[0-9].cf'), conf('c1.cf'));
    assert.deepEqual(await paths('conf.d/a+*.cf'), conf('a+b.cf'));
    assert.deepEqual(await paths('conf.d/[z-a].cf'), conf());
    assert.deepEqual(await paths('conf.d/nothing*'), conf());
  });

  it('refuses what it cannot follow', async () => {
    assert.equal(
      await paths('*/a.cf'),
      'expected wildcards in the last part of the path only, got "*/a.cf"',
    );
    assert.equal(await paths('none/*.cf'), 'expected a folder "/etc/lb/none", found none');
  });
});
