import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import type { Directive } from '../../src/config/ldirectord/directive.ts';
import { directives } from '../../src/config/ldirectord/directives.ts';
import { withDirectives } from './directive-section.ts';
import { pagePath, plainText, readPage } from './man-page.ts';

const name = 'ipvsd.cf.5';
const page = readPage(name);
const table = Object.entries<Directive<unknown>>(directives);

describe('ipvsd.cf.5', () => {
  it('has the directives of the table (npm run man writes them anew)', () => {
    const wanted = withDirectives(page);
    if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(pagePath(name), wanted);
    else assert.equal(page, wanted);
  });

  it('has an entry for every directive and for nothing else', () => {
    assert.deepEqual(
      entries().map((entry) => entry.name),
      table.map(([directive]) => directive),
    );
  });

  for (const [directive, facts] of table) {
    it(`${directive}: scope, type, default and sentence`, () => {
      const text = entries().find((entry) => entry.name === directive)?.text ?? '';
      assert.ok(text.startsWith(scopeWords[facts.scope]), text);
      assert.ok(text.includes(facts.sentence), text);
      if (facts.removed !== undefined) {
        assert.match(text, /: refused\./);
        return;
      }
      assert.ok(text.includes(`: ${facts.type.expects}.`), text);
      assert.ok(text.includes(`Default: ${defaultWords(facts)}.`), text);
    });
  }

  it('says of every directive how it differs from that of ldirectord, and of no other', () => {
    const wanted = table.flatMap(([directive, { difference, own }]) => {
      const text = own ? 'Not known to ldirectord, which refuses a file that has it.' : difference;
      return text === undefined ? [] : { name: directive, text };
    });
    assert.deepEqual(entries('differences'), wanted);
  });
});

const scopeWords = { global: 'Global:', virtual: 'Section:', both: 'Global or section:' } as const;

function defaultWords({ default: value, defaultText }: Directive<unknown>): string {
  const words = new Map<unknown, string>([
    [undefined, 'none'],
    [true, 'yes'],
    [false, 'no'],
  ]);
  return defaultText ?? words.get(value) ?? JSON.stringify(value).replaceAll('"', '');
}

/** What stands between two markers, one entry for each `.TP`. */
function entries(
  block: 'directives' | 'differences' = 'directives',
): readonly { readonly name: string; readonly text: string }[] {
  const [, rest = ''] = page.split(new RegExp(`^\\.\\\\" BEGIN ${block}.*\\n`, 'm'));
  const [generated = ''] = rest.split(`\n.\\" END ${block}`);
  return generated
    .split(/^\.TP\n/m)
    .slice(1)
    .map((entry) => {
      const [head = '', ...body] = entry.trimEnd().split('\n');
      const lines = body.filter((line) => line !== '.br' && !line.startsWith('.SS '));
      return { name: head.replace(/^\.B /, ''), text: plainText(lines.join('\n')) };
    });
}
