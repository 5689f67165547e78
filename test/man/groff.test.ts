import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { execa } from 'execa';
import { version } from '../../src/version.ts';
import { pagePath, readPage } from './man-page.ts';

const { failed: noGroff } = await execa('groff', ['--version'], { reject: false });

for (const name of readdirSync(path.dirname(pagePath('ipvsd.8')))) {
  describe(name, () => {
    it('is plain ASCII, without blanks at line ends, and of this version', () => {
      const page = readPage(name);
      assert.doesNotMatch(page, /[^\n -~]|[ ]$/m);
      const [title = ''] = page.split('\n');
      assert.match(title, /^\.TH [A-Z.-]+ [158] \d{4}-\d\d-\d\d "/);
      assert.ok(title.includes(`"ipvsd ${version}"`), title);
    });

    it('is read by groff without a warning', { skip: noGroff && 'groff is not here' }, async () => {
      const options = ['-man', '-ww', '-Tascii', '-z', pagePath(name)];
      const { stderr } = await execa('groff', options);
      assert.equal(stderr, '');
    });
  });
}
