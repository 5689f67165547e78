import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { before, describe, it } from 'node:test';
import { execa } from 'execa';
import { parseConfig } from '../../src/config/load.ts';
import { packageFolder } from '../support/readme.ts';
import { pagePath, plainText, readPage, sectionLines } from './man-page.ts';

const pages = readdirSync(`${packageFolder}man`);
const macros = /^\.(?:TH|SH|SS|TP|IP|PP|B|I|BR|BI|IB|IR|RI|RB|nf|fi|RS|RE|br)(?: |$)|^\.\\"/;

for (const name of pages) {
  describe(`${name} as roff`, () => {
    const lines = readPage(name).split('\n');
    let groff = false;
    before(async () => {
      groff = !(await execa('groff', ['--version'], { reject: false })).failed;
    });

    it('uses the macros of man(7), and closes what it opens', () => {
      const requests = lines.filter((line) => /^[.']/.test(line));
      assert.deepEqual(
        requests.filter((line) => !macros.test(line)),
        [],
      );
      const open: string[] = [];
      for (const line of requests) {
        if (line === '.nf' || line === '.RS') open.push(line);
        if (line === '.fi') assert.equal(open.pop(), '.nf');
        if (line === '.RE') assert.equal(open.pop(), '.RS');
      }
      assert.deepEqual(open, []);
    });

    it('passes groff without a warning', async (t) => {
      if (!groff) return t.skip('no groff here (package groff-base)');
      const args = ['-man', '-ww', '-z', '-Tutf8', pagePath(name)];
      const { exitCode, stderr } = await execa('groff', args, { reject: false });
      assert.deepEqual({ exitCode, stderr }, { exitCode: 0, stderr: '' });
    });
  });
}

describe('the example of ipvsd.cf.5', () => {
  it('is a file without a fault', async () => {
    const [, text = ''] = sectionLines(readPage('ipvsd.cf.5'), 'EXAMPLE').join('\n').split('.RS\n');
    const [example = ''] = text.split('\n.RE');
    const { config, diagnostics } = await parseConfig(plainExample(example), 'example.cf', {
      strict: true,
    });
    assert.deepEqual(diagnostics, []);
    assert.equal(config?.virtuals[0]?.reals.length, 2);
  });
});

/** `plainText` without the quotes of macros: an example has none of these. */
function plainExample(roff: string): string {
  return plainText(roff.replaceAll('"', '\\(dq'));
}
