import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { optionForms } from '../../src/cli/genhash/options.ts';
import { genhashUsage } from '../../src/cli/usage.ts';
import { plainText, readPage, sectionLines } from './man-page.ts';

const page = readPage('ipvsd-genhash.1');

describe('ipvsd-genhash.1', () => {
  it('has every option of the program in order, with its letter and its value, as the usage has', () => {
    const lines = sectionLines(page, 'OPTIONS');
    const tags = lines.flatMap((line, i) => (lines[i - 1] === '.TP' ? optionTag(line) : []));
    const usage = genhashUsage.split('\n').flatMap((line) => optionTag(line));
    const forms = optionForms.map(({ long, short, takesValue }) => {
      const letter = short === undefined ? '' : `-${short}, `;
      return `${letter}--${long}${takesValue ? ' VALUE' : ''}`;
    });
    assert.deepEqual(tags, forms.toSorted(likeUsage(usage)));
    assert.deepEqual(usage.toSorted(), forms.toSorted());
  });

  it('has every calling form of the usage in its synopsis', () => {
    const synopsis = plainText(sectionLines(page, 'SYNOPSIS').join('\n')).replaceAll(/\s/g, '');
    const [forms = ''] = genhashUsage.replace('usage:', '').split('\n\n');
    for (const form of forms.split('\n')) {
      assert.ok(synopsis.includes(form.replaceAll(/\s/g, '')), form);
    }
  });
});

/** The option that a line begins with: `-s, --server VALUE`. */
function optionTag(line: string): string | [] {
  const text = plainText(line).trim().replace(/ +/g, ' ').replace(' ,', ',');
  const [, option, value] = /^((?:-\w, )?--[a-z0-9-]+)( [A-Z]{4,})?(?: |$)/.exec(text) ?? [];
  if (option === undefined) return [];
  return value === undefined ? option : `${option} VALUE`;
}

function likeUsage(usage: readonly string[]): (a: string, b: string) => number {
  return (a, b) => usage.indexOf(a) - usage.indexOf(b);
}
