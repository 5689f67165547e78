import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { loadSettings, settingNames } from '../../src/config/settings.ts';
import { temporaryDirectory } from '../support/script.ts';
import { readPage, sectionLines } from './man-page.ts';

describe('ipvsd.ini.5', () => {
  const page = readPage('ipvsd.ini.5');

  it('has every section and setting that is read, and no other', () => {
    const found: Record<string, string[]> = {};
    let section = '';
    const lines = sectionLines(page, 'SETTINGS');
    lines.forEach((line, i) => {
      const [, title] = /^\.SS \[(\w+)\]$/.exec(line) ?? [];
      if (title !== undefined) section = title;
      const [, name] = /^\.B (\w+)$/.exec(line) ?? [];
      if (name === undefined || lines[i - 1] !== '.TP') return;
      found[section] = [...(found[section] ?? []), name];
    });
    assert.deepEqual(found, settingNames());
  });

  it('has an example that can be read', (t) => {
    const directory = temporaryDirectory(t);
    const example = sectionLines(page, 'EXAMPLE').filter((line) => !/^\.(nf|fi)$/.test(line));
    const password = join(directory, 'password');
    writeFileSync(password, 'secret\n');
    const path = join(directory, 'ipvsd.ini');
    const text = example.join('\n').replace('/etc/ipvsd/smtp.password', password);
    writeFileSync(path, text);
    assert.deepEqual(loadSettings(path).smtp, {
      host: 'mail.example.com',
      port: 587,
      user: 'balancer',
      password: 'secret',
      startTls: 'require',
      from: 'balancer@example.com',
    });
  });
});
