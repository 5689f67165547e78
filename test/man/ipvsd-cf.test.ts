import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { diagnosticLine } from '../../src/config/diagnostic.ts';
import type { Directive } from '../../src/config/ldirectord/directive.ts';
import { directives } from '../../src/config/ldirectord/directives.ts';
import { parseConfig } from '../../src/config/load.ts';
import type { ServerCheck } from '../../src/config/model.ts';
import { fakeResolver } from '../support/config-fixtures.ts';
import { fakeFiles } from '../support/fake-files.ts';
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

  it('has an example of check blocks that is read without a word', async () => {
    const [, rest = ''] = page.split('\n.\\" BEGIN example: kept true by a test\n.nf\n.RS\n');
    const [example = ''] = rest.split('\n.RE\n.fi\n.\\" END example\n');
    const text = example.split('\n').map(readable).join('\n');
    const options = { resolver: fakeResolver(), hostname: 'lb', files: fakeFiles({}) };
    const { config, diagnostics } = await parseConfig(`${text}\n`, 'a.cf', options);
    assert.deepEqual(diagnostics.map(diagnosticLine), []);
    const names = (server: { readonly checks: readonly ServerCheck[] } | undefined) =>
      server?.checks.map(({ name }) => name);
    const [virtual] = config?.virtuals ?? [];
    assert.deepEqual(virtual?.reals.map(names), [
      ['http /health', 'redis'],
      ['http /health', 'redis', 'tcp 8081'],
    ]);
    assert.equal(virtual.reals[1]?.notifyUp, '/usr/local/bin/up.sh 3');
    assert.deepEqual(virtual.fallbacks.map(names), [['tcp 80'], []]);
    const [, redis] = virtual.reals[0]?.checks ?? [];
    assert.deepEqual(redis?.definition, {
      type: 'dialogue',
      transport: 'tcp',
      target: { family: 'inet', address: '10.0.0.2', port: 6380 },
      steps: [{ send: 'PING\r\n' }, { expect: '\\+PONG' }],
      timeoutMs: 2000,
    });
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

/** A line of an example: `plainText` without its care for quotes of arguments. */
function readable(roff: string): string {
  return roff.replaceAll('\\(dq', '"').replaceAll('\\-', '-').replaceAll('\\e', '\\');
}

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
