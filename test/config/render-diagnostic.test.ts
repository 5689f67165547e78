import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Diagnostic } from '../../src/config/diagnostic.ts';
import { renderDiagnostic } from '../../src/config/render-diagnostic.ts';

function rendered(source: string, column: number, length: number): readonly string[] {
  const diagnostic: Diagnostic = {
    severity: 'error',
    code: 'value',
    path: 'a.cf',
    line: 3,
    column,
    length,
    message: 'fork: expected "yes" or "no", got "x"',
    source,
  };
  return renderDiagnostic(diagnostic).split('\n');
}

describe('renderDiagnostic', () => {
  it('underlines the place', () => {
    assert.deepEqual(rendered('fork=xyz', 6, 3), [
      'a.cf:3:6: fork: expected "yes" or "no", got "x"',
      '  fork=xyz',
      '       ^^^',
    ]);
  });

  it('keeps the tabs before the place', () => {
    assert.deepEqual(rendered('\tfork\t=\tx', 9, 1).slice(1), ['  \tfork\t=\tx', '  \t    \t \t^']);
  });

  it('counts characters, not their halves', () => {
    assert.deepEqual(rendered('# 💥💥 x', 6, 1).slice(1), ['  # 💥💥 x', '       ^']);
  });

  it('points behind the end of the line', () => {
    assert.deepEqual(rendered('fork=', 6, 1).slice(1), ['  fork=', '       ^']);
    assert.deepEqual(rendered('fork=', 6, 9).slice(1), ['  fork=', '       ^']);
  });

  it('shows the surroundings of the place in a long line', () => {
    const line = `${'a'.repeat(500)}x${'b'.repeat(500)}`;
    const shown = `…${'a'.repeat(60)}x${'b'.repeat(99)}…`;
    assert.deepEqual(rendered(line, 501, 1).slice(1), [`  ${shown}`, `  ${' '.repeat(61)}^`]);
    assert.deepEqual(rendered(line, 1, 1001).slice(1), [
      `  ${'a'.repeat(160)}…`,
      `  ${'^'.repeat(161)}`,
    ]);
    assert.deepEqual(rendered(line, 1001, 1).slice(1), [
      `  …${'b'.repeat(160)}`,
      `  ${' '.repeat(160)}^`,
    ]);
  });

  it('lets nothing through that a terminal would act upon', () => {
    assert.deepEqual(rendered('a\u001b[2J\u0085\rb', 1, 1)[1], '  a·[2J··b');
  });
});
