import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { exitCodes } from '../../src/cli/exit-codes.ts';
import { configUsage } from '../../src/cli/usage.ts';
import { version } from '../../src/version.ts';
import { plainText, readPage, sectionLines } from './man-page.ts';

const sources = fileURLToPath(new URL('../../../src', import.meta.url));

for (const name of ['ipvsd.8', 'ipvsd-genhash.1', 'ipvsd.cf.5', 'ipvsd.ini.5']) {
  it(`${name} is plain ASCII and of this version`, () => {
    const page = readPage(name);
    assert.doesNotMatch(page, /[^\n -~]/);
    const [title = ''] = page.split('\n');
    assert.match(title, /^\.TH [A-Z.-]+ [158] \d{4}-\d\d-\d\d "/);
    assert.ok(title.includes(`"ipvsd ${version}"`), title);
  });
}

describe('ipvsd.8', () => {
  const page = readPage('ipvsd.8');

  it('has every exit code, and no other', () => {
    const codes = tags(sectionLines(page, 'EXIT STATUS')).map(Number);
    assert.deepEqual(codes, Object.values(exitCodes));
  });

  it('names lines of the log that the program can write', () => {
    const code = codeBelow(/^$/);
    // what stands before a variable part
    const messages = tags(sectionLines(page, 'LOG')).map((tag) => tag.split(':')[0] ?? '');
    const own = messages.filter((message) => !message.startsWith('ipvsadm '));
    assert.ok(own.length >= 8, messages.join('\n'));
    for (const message of own) assert.ok(code.includes(message), message);
  });
});

describe('ipvsd.8, CONFIG COMMANDS', () => {
  const lines = sectionLines(readPage('ipvsd.8'), 'CONFIG COMMANDS');

  it('begins with the calling forms of "ipvsd config --help"', () => {
    const [forms = ''] = configUsage.replace('usage:', '').split('\n\n');
    const printed = lines.slice(lines.indexOf('.nf') + 1, lines.indexOf('.fi')).map(plainText);
    assert.deepEqual(
      printed.map((line) => line.trim()),
      forms.split('\n').map((line) => line.trim()),
    );
  });

  it('explains every word and option of them', () => {
    const [, ...rest] = lines.join('\n').split('\n.fi\n');
    const explained = plainText(rest.join('\n'));
    const words = [...configUsage.matchAll(/ipvsd config ([a-z-]+)|(--[a-z-]+)/g)];
    for (const [, command, option] of words) {
      const word = command ?? option ?? '';
      assert.match(explained, new RegExp(`(?<![\\w-])${word}(?![\\w-])`), word);
    }
  });
});

describe('ipvsd.cf.5', () => {
  const page = readPage('ipvsd.cf.5');

  it('lists as without effect all that nothing in the program looks at, and nothing else', () => {
    // "ipvsd config" shows what a file says and acts on nothing
    const code = codeBelow(/^(?:config\/|cli\/config-)/);
    const [, list = ''] = page.split('\n.SS Without effect in this version\n');
    const [listed = ''] = list.split(/^\.S[HS] /m);
    const names = [...listed.matchAll(/^\.BR? (\w+)/gm)].map(([, name = '']) => name);
    const unused = Object.keys(properties).filter(
      (name) => !new RegExp(`\\b${properties[name]}(?!\\w)`).test(code),
    );
    assert.deepEqual(names.sort(), unused.sort());
  });
});

/**
 * Directives that came before what they ask for, with the property of the resolved configuration
 * that says so.
 */
const properties: Readonly<Record<string, string>> = {
  callback: 'callback',
  certwarn: 'certWarnDays',
  comment: 'comment',
  emailalert: 'emailAlert',
  emailalertfreq: 'emailAlert',
  emailalertfrom: 'emailAlertFrom',
  emailalertstatus: 'emailAlert',
  // no call of something else by that name
  execute: 'execute\\b(?!\\()',
  fallbackcommand: 'fallbackCommand',
  maintenancedir: 'maintenanceDir',
  monitorfile: 'monitorFile',
  smtp: 'emailAlert',
  standbychecks: 'standby',
  standbytable: 'standby',
};

/** The tag of each `.TP`, as text. */
function tags(lines: readonly string[]): readonly string[] {
  return lines.flatMap((line, i) => (lines[i - 1] === '.TP' ? plainText(line).trim() : []));
}

/** All code without its comments, but for the files below src that `except` matches. */
function codeBelow(except: RegExp): string {
  return readdirSync(sources, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !except.test(file))
    .map((file) => readFileSync(`${sources}/${file}`, 'utf8'))
    .map((text) => text.replace(/\/\*[\s\S]*?\*\/|(?<!:)\/\/.*/g, ''))
    .join('\n');
}
