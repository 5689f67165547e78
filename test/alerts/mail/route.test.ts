import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { mailRoute, routeName } from '../../../src/alerts/mail/route.ts';
import type { SmtpSettings } from '../../../src/config/settings.ts';

const none: SmtpSettings = { port: 25, startTls: 'try' };
const login = { user: 'u', password: 'p' };
const ours: SmtpSettings = { ...none, ...login, host: 'm1', port: 587, startTls: 'require' };

describe('mailRoute', () => {
  it('is the local mail system when nothing is said', () => {
    assert.deepEqual(mailRoute(undefined, none), { kind: 'sendmail' });
  });

  it('is what the configuration file says', () => {
    for (const [smtp, name] of [
      ['m2', 'm2:25'],
      ['m2:26', 'm2:26'],
      ['[fd00::25]', 'fd00::25:25'],
      ['[fd00::25]:26', 'fd00::25:26'],
    ] as const) {
      assert.equal(routeName(mailRoute(smtp, none)), name);
    }
  });

  it('is the host of the settings, with its login', () => {
    const expected = { kind: 'smtp', host: 'm1', port: 587, startTls: 'require', login };
    assert.deepEqual(mailRoute(undefined, ours), expected);
    assert.deepEqual(mailRoute('m1', ours), expected);
  });

  it('the login goes to the host of the settings and to no other', () => {
    assert.deepEqual(mailRoute('m2', ours), {
      kind: 'smtp',
      host: 'm2',
      port: 25,
      startTls: 'try',
    });
    const { host: _, ...anywhere } = ours;
    const expected = { kind: 'smtp', host: 'm2', port: 587, startTls: 'require', login };
    assert.deepEqual(mailRoute('m2', anywhere), expected);
  });
});
