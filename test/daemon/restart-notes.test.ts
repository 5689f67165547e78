import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Settings } from '../../src/config/settings.ts';
import { restartNotes } from '../../src/daemon/restart-notes.ts';
import { config } from '../support/builders.ts';

const settings: Settings = { smtp: { port: 25, startTls: 'try' } };
const started = { settings, loadSettings: () => ({ ...settings }), logfile: '/dev/null' };

it('names what a reload does not put in force, and nothing else', () => {
  assert.deepEqual(restartNotes(started, config()), []);
  const moved = { ...config(), logfile: '/var/log/new' };
  assert.deepEqual(restartNotes(started, moved), [
    'logfile has changed, comes into force at a restart: /var/log/new',
  ]);
  assert.deepEqual(restartNotes({ ...started, logfile: undefined }, moved), []);
  const loadSettings = () => ({ smtp: { port: 587, startTls: 'require' } }) as const;
  assert.deepEqual(restartNotes({ ...started, loadSettings }, config()), [
    'ipvsd.ini has changed, comes into force at a restart',
  ]);
  const refuse = () => {
    throw new Error('ipvsd.ini: [smtp] port: expected a number');
  };
  assert.deepEqual(restartNotes({ ...started, loadSettings: refuse }, config()), [
    'ipvsd.ini has changed, and a restart would refuse it: ipvsd.ini: [smtp] port: expected a number',
  ]);
});
