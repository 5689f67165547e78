import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { actions } from '../../src/cli/ldirectord.ts';
import { ldirectordUsage, usage } from '../../src/cli/usage.ts';
import { plainText, readPage, sectionLines } from './man-page.ts';

const page = readPage('ipvsd.8');
/** `run`, `sync start`: what stands before the arguments. */
const ownCommands = [
  ...usage.matchAll(/^(?:usage:)?\s+ipvsd (sync \w+|status --monitor|\w+)/gm),
].map(([, words]) => words);

describe('ipvsd.8', () => {
  it('has an entry for every command of the usage and for nothing else', () => {
    const [own, theirs] = split(sectionLines(page, 'COMMANDS'), /^\.SS ldirectord/);
    assert.deepEqual(tags(own).map(commandOf), ownCommands);
    const named = tags(theirs).flatMap((tag) => tag.split(/\s*,\s*/));
    assert.deepEqual(named, [...actions]);
  });

  it('has every calling form of the usage in its synopsis', () => {
    const synopsis = plainText(sectionLines(page, 'SYNOPSIS').join('\n'));
    const [forms = ''] = usage.split('\n\n');
    for (const words of forms.replace('usage:', '').split('ipvsd ').slice(1)) {
      const form = words.replace('[-d]', '[-d] [--]').replace(actions.join('|'), 'ACTION');
      assert.ok(unspaced(synopsis).includes(unspaced(form)), `${form} in ${synopsis}`);
    }
  });

  it('has an entry for every option of the usages and for nothing else', () => {
    const found = tags(sectionLines(page, 'OPTIONS')).flatMap(options);
    assert.deepEqual(
      [...new Set(found)].sort(),
      [...new Set(options(usage + ldirectordUsage))].sort(),
    );
  });

  it('names the scripts for cluster managers that are there, and all of them', () => {
    const text = plainText(sectionLines(page, 'CLUSTERS').join('\n'));
    const [, ...parts] = text.split(/contrib\/(?=\w+\/)/);
    const named = parts.flatMap((part) => {
      const [folder = ''] = part.split('/');
      return scriptsOf(folder).filter((name) => part.split(/[\s/,]+/).includes(name));
    });
    const folders = ['heartbeat', 'ocf', 'examples', 'systemd', 'logrotate'];
    assert.deepEqual(named, folders.flatMap(scriptsOf));
    for (const folder of scriptsOf('.')) assert.ok(text.includes(`contrib/${folder}`), folder);
  });
});

function scriptsOf(folder: string): readonly string[] {
  return readdirSync(fileURLToPath(new URL(`../../../contrib/${folder}`, import.meta.url))).sort();
}

/** The tag of each `.TP`, as text. */
function tags(lines: readonly string[]): readonly string[] {
  return lines.flatMap((line, i) => (lines[i - 1] === '.TP' ? plainText(line).trim() : []));
}

function options(text: string): readonly string[] {
  return [...text.matchAll(/(?<![\w-])--?\w*/g)].flatMap(([word]) => (word === '-' ? [] : word));
}

function commandOf(tag: string): string {
  return /^(?:sync \w+|status --monitor|\w+)/.exec(tag)?.[0] ?? tag;
}

function unspaced(text: string): string {
  return text.replaceAll(/\s/g, '');
}

function split(
  lines: readonly string[],
  heading: RegExp,
): readonly [readonly string[], readonly string[]] {
  const at = lines.findIndex((line) => heading.test(line));
  assert.ok(at > 0, `expected a line ${heading}`);
  return [lines.slice(0, at), lines.slice(at)];
}
