import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CheckEvent } from '../../src/alerts/event.ts';
import { monitorLine } from '../../src/alerts/monitor-line.ts';
import type { CheckDefinition } from '../../src/config/check-model.ts';
import { checktype, real, virtual } from '../support/builders.ts';

function event(changes: Partial<CheckEvent>): CheckEvent {
  const server = { key: 'k', virtual: virtual(), real: real('10.9.0.2') };
  const at = new Date(2030, 0, 2, 15, 4, 5);
  const check = named({ type: 'on' });
  return { kind: 'check', server, check, up: true, reason: '200 OK', at, ...changes };
}

function named(definition: CheckDefinition) {
  return checktype(definition, { identity: 'connect tcp 10.9.0.2 80 1 gate / ' });
}

const head = '[Wed Jan  2 15:04:05 2030] [42] connect tcp 10.9.0.2 80 1 gate /  ';

describe('monitorLine', () => {
  it('tells a good and a bad check', () => {
    assert.equal(monitorLine(event({}), 42), `${head}[up] 200 OK\n`);
    const bad = event({ up: false, reason: 'connection refused' });
    assert.equal(monitorLine(bad, 42), `${head}[down] connection refused\n`);
  });

  it('encodes what could be taken for something else; "-" is no message', () => {
    const reason = '100% a|b\r\nc';
    assert.equal(monitorLine(event({ reason }), 42), `${head}[up] 100%25 a%7cb%0d%0ac\n`);
    assert.equal(monitorLine(event({ reason: '' }), 42), `${head}[up] -\n`);
  });

  it('has a day of two digits without a blank', () => {
    const line = monitorLine(event({ at: new Date(2030, 11, 24, 0, 0, 0) }), 42);
    assert.match(line ?? '', /^\[Tue Dec 24 00:00:00 2030\] /);
  });

  it('leaves out external-perl and pings without an answer, and servers without a name', () => {
    const args = ['', '', '', ''] as const;
    const perl = { type: 'external-perl', command: 'x', args, timeoutMs: 1 } as const;
    const ping = { type: 'ping', family: 'inet', address: '', attempts: 1, timeoutMs: 1 } as const;
    const check = named(ping);
    assert.equal(monitorLine(event({ check: named(perl) }), 42), undefined);
    assert.equal(monitorLine(event({ up: false, check }), 42), undefined);
    assert.notEqual(monitorLine(event({ up: true, check }), 42), undefined);
    assert.equal(monitorLine(event({ check: checktype({ type: 'on' }) }), 42), undefined);
  });
});
