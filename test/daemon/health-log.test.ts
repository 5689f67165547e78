import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { logHealth } from '../../src/daemon/health-log.ts';
import type { HealthEvent } from '../../src/health/server-health.ts';
import { checktype } from '../support/builders.ts';
import { recordedLog } from '../support/recorded-log.ts';

describe('logHealth', () => {
  const line = (kind: HealthEvent['kind'], serverKey = 'tcp:10.9.0.30:80 10.9.0.2:80') => {
    const { log, lines } = recordedLog();
    const outcome = { up: kind === 'up', reason: 'as it is' };
    const result = { outcome, durationMs: 1, at: new Date(0) };
    const definition = { type: 'on' } as const;
    const check = checktype(definition, { failureCount: 3 });
    logHealth(log, { serverKey, check, kind, failures: 2, result });
    return lines.join('\n');
  };

  it("has ldirectord's words for what it logs too", () => {
    assert.equal(
      line('soft-failure'),
      'warn Soft failure real server: 10.9.0.2:80 (tcp:10.9.0.30:80) failure 2/3',
    );
    assert.equal(
      line('soft-failure-reset', 'fwm6:5 [fd00::3]:0#2'),
      'info Resetting soft failure count: [fd00::3]:0#2 (fwm6:5)',
    );
  });

  it('names virtual and real server in its own', () => {
    assert.equal(line('up'), 'info Real server up: tcp:10.9.0.30:80 10.9.0.2:80');
    assert.equal(line('down'), 'warn Real server down: tcp:10.9.0.30:80 10.9.0.2:80');
    assert.match(line('cannot-check'), /^error Cannot check, .*10\.9\.0\.2:80$/);
    assert.match(line('warning'), /^warn Warning about real server: .*10\.9\.0\.2:80$/);
  });
});
