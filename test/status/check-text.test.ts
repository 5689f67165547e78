import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CheckDefinition } from '../../src/config/check-model.ts';
import { checkLabel, checkText } from '../../src/status/check-text.ts';
import { blockChecks } from '../support/block-checks.ts';
import { checktype } from '../support/builders.ts';
import { negotiateCheck } from '../support/negotiate-check.ts';

const target = { family: 'inet6', address: 'fd00::2', port: 80 } as const;

describe('checkText', () => {
  it('has a few words for every check of a block, and no secret', () => {
    assert.deepEqual(blockChecks(target).map(checkText), [
      'http [fd00::2]:80 / /b',
      'smtp [fd00::2]:80',
      'dns [fd00::2]:80 SOA .',
      'udp [fd00::2]:80',
      'udp [fd00::2]:80',
      'misc /bin/true',
      'file /nowhere/weight',
      'file /nowhere/weight',
      'dialogue tls [fd00::2]:80',
      'dialogue udp [fd00::2]:80',
      'agent [fd00::2]:80',
    ]);
  });

  it('has some for the others', () => {
    const connect = { type: 'connect', target, timeoutMs: 1000 } as const;
    const tls = { verify: 'none', sni: '', certWarnDays: 0 } as const;
    const negotiate = negotiateCheck(target, { request: '/x' });
    const all: readonly CheckDefinition[] = [
      { type: 'on' },
      { type: 'ping', family: 'inet', address: '10.0.0.2', attempts: 1, timeoutMs: 1000 },
      connect,
      { ...connect, tls },
      negotiate,
      { type: 'combined', connects: 3, connect, negotiate },
      { type: 'external', command: '/bin/x', args: ['', '', '', ''], timeoutMs: 1000 },
    ];
    assert.deepEqual(all.map(checkText), [
      'on',
      'ping 10.0.0.2',
      'connect [fd00::2]:80',
      'connect [fd00::2]:80 over TLS',
      'http [fd00::2]:80 /x',
      'http [fd00::2]:80 /x and 3 connects',
      'external /bin/x',
    ]);
  });
});

describe('checkLabel', () => {
  const connect = { type: 'connect', target, timeoutMs: 1000 } as const;
  const label = (name: string, definition: CheckDefinition, line?: number) =>
    checkLabel(checktype(definition, { name, ...(line !== undefined && { line }) }));

  it('speaks in the words of the line: connect of checktype, tcp of check', () => {
    assert.equal(label('checktype', connect), 'connect [fd00::2]:80');
    assert.equal(label('tcp 80', connect, 3), 'tcp [fd00::2]:80');
  });

  it('has the name that a definecheck gives', () => {
    assert.equal(label('alive', connect, 3), 'alive (tcp [fd00::2]:80)');
    assert.equal(label('alive#2', connect, 4), 'alive#2 (tcp [fd00::2]:80)');
  });

  it('tells two that ask the same apart, as their names do', () => {
    assert.equal(label('tcp 80#2', connect, 4), 'tcp [fd00::2]:80 #2');
    const ping = { type: 'ping', family: 'inet', address: '10.0.0.2', attempts: 1 } as const;
    assert.equal(label('ping#2', { ...ping, timeoutMs: 1000 }, 4), 'ping 10.0.0.2 #2');
  });
});
