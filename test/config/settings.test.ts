import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { loadSettings, SettingsError } from '../../src/config/settings.ts';
import { temporaryDirectory } from '../support/script.ts';

function settingsFile(t: TestContext, text: string): string {
  const path = join(temporaryDirectory(t), 'ipvsd.ini');
  writeFileSync(path, text);
  return path;
}

describe('loadSettings', () => {
  it('gives defaults for an empty file', (t) => {
    assert.deepEqual(loadSettings(settingsFile(t, '')), { smtp: { port: 25, startTls: 'try' } });
  });

  it('refuses at once what is no file', { timeout: 20_000 }, (t) => {
    const fifo = join(temporaryDirectory(t), 'fifo');
    execFileSync('mkfifo', [fifo]);
    const why = 'it is a FIFO, expected a regular file';
    assert.throws(() => loadSettings(fifo), new SettingsError(`${fifo}: cannot be read: ${why}`));
    const path = settingsFile(t, `[smtp]\nuser=u\npasswordfile=${fifo}\n`);
    const message = `${path}: [smtp] passwordfile: "${fifo}" cannot be read: ${why}`;
    assert.throws(() => loadSettings(path), new SettingsError(message));
  });

  it('reads every setting of [smtp]', (t) => {
    const text = `; mail
[smtp]
host = mail.example.com
port = 587
user = balancer
password = "a;b#c"
starttls = try
cafile = /etc/ssl/mail.pem
from = "Balancer" <lb@example.com>
`;
    assert.deepEqual(loadSettings(settingsFile(t, text)).smtp, {
      host: 'mail.example.com',
      port: 587,
      user: 'balancer',
      password: 'a;b#c',
      startTls: 'try',
      caFile: '/etc/ssl/mail.pem',
      from: '"Balancer" <lb@example.com>',
    });
  });

  it('takes the password from the first line of passwordfile, and then wants TLS', (t) => {
    const secret = settingsFile(t, 'p w\nsecond\n');
    const path = settingsFile(t, `[smtp]\nuser=u\npasswordfile=${secret}\n`);
    assert.deepEqual(loadSettings(path).smtp, {
      port: 25,
      user: 'u',
      password: 'p w',
      startTls: 'require',
    });
  });

  it('takes words that ini makes values of as texts', (t) => {
    const { smtp } = loadSettings(settingsFile(t, '[smtp]\nuser=true\npassword=null\n'));
    assert.deepEqual([smtp.user, smtp.password], ['true', 'null']);
  });

  const rows: readonly [string, string][] = [
    ['[smtp]\nport=0', '[smtp] port: expected a whole number 1..65535'],
    ['[smtp]\nport=soon', '[smtp] port: expected a whole number 1..65535'],
    ['[smtp]\nstarttls=yes', '[smtp] starttls: expected one of never, try, require'],
    ['[smtp]\nhost=', '[smtp] host: expected a text, got nothing'],
    ['[smtp]\nhost[]=a', '[smtp] host: expected a text'],
    ['[smtp]\nhots=a', '"hots": no setting of [smtp] of that name'],
    ['[smpt]\nhost=a', '"smpt": no section or setting of that name'],
    [
      '[smtp]\nuser=u',
      '[smtp] login: expected user and password, password or passwordfile is missing',
    ],
    ['[smtp]\npassword=p', '[smtp] login: expected user and password, user is missing'],
    [
      '[smtp]\npassword=p\npasswordfile=/x',
      '[smtp] password: expected this or passwordfile, got both',
    ],
    [
      '[smtp]\npasswordfile=/no/such',
      '[smtp] passwordfile: "/no/such" cannot be read: no such file or directory',
    ],
  ];
  for (const [text, message] of rows) {
    it(`${JSON.stringify(text)}: ${message}`, (t) => {
      const path = settingsFile(t, text);
      assert.throws(() => loadSettings(path), new SettingsError(`${path}: ${message}`));
    });
  }

  it('tells all that is wrong, one line each', (t) => {
    const path = settingsFile(t, '[smtp]\nport=x\nstarttls=x\n');
    assert.throws(
      () => loadSettings(path),
      ({ message }: Error) => message.split('\n').length === 2,
    );
  });

  it('wants a file that was asked for', () => {
    const message = '/no/such.ini: cannot be read: no such file or directory';
    assert.throws(() => loadSettings('/no/such.ini'), new SettingsError(message));
  });
});
