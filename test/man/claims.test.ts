import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { exitCodes } from '../../src/cli/exit-codes.ts';
import { version } from '../../src/version.ts';
import { plainText, readPage, sectionLines } from './man-page.ts';

const sources = fileURLToPath(new URL('../../../src', import.meta.url));

for (const name of ['ipvsd.8', 'ipvsd.cf.5']) {
  it(`${name} is plain ASCII and of this version`, () => {
    const page = readPage(name);
    assert.doesNotMatch(page, /[^\n -~]/);
    const [title = ''] = page.split('\n');
    assert.match(title, /^\.TH [A-Z.]+ [58] \d{4}-\d\d-\d\d "/);
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
    const code = codeBelow('');
    // what stands before a variable part
    const messages = tags(sectionLines(page, 'LOG')).map((tag) => tag.split(':')[0] ?? '');
    const own = messages.filter((message) => !message.startsWith('ipvsadm '));
    assert.ok(own.length >= 8, messages.join('\n'));
    for (const message of own) assert.ok(code.includes(message), message);
  });
});

describe('ipvsd.cf.5', () => {
  const page = readPage('ipvsd.cf.5');

  it('lists as without effect all that nothing in the program looks at, and nothing else', () => {
    const code = codeBelow('config/');
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
};

/** The tag of each `.TP`, as text. */
function tags(lines: readonly string[]): readonly string[] {
  return lines.flatMap((line, i) => (lines[i - 1] === '.TP' ? plainText(line).trim() : []));
}

/** All code without its comments; `except` is a folder that is left out. */
function codeBelow(except: string): string {
  return readdirSync(sources, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !(except !== '' && file.startsWith(except)))
    .map((file) => readFileSync(`${sources}/${file}`, 'utf8'))
    .map((text) => text.replace(/\/\*[\s\S]*?\*\/|(?<!:)\/\/.*/g, ''))
    .join('\n');
}
