import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Diagnostic } from '../../src/config/diagnostic.ts';
import { parseConfig } from '../../src/config/load.ts';
import { renderDiagnostic } from '../../src/config/render-diagnostic.ts';
import { configText } from '../support/arbitrary-config.ts';
import { fakeResolver } from '../support/config-fixtures.ts';

const anyText = fc.oneof(
  { weight: 3, arbitrary: configText() },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 300 }) },
);

/** A place in the file, or at most the one behind the end of the line. */
function assertInside(diagnostic: Diagnostic, lines: readonly string[]): void {
  const { line, column, length, source } = diagnostic;
  const text = lines[line - 1];
  assert.ok(text !== undefined, `line ${line} of ${lines.length}`);
  assert.equal(source, line < lines.length ? text.replace(/\r$/, '') : text);
  const characters = Array.from(source).length;
  assert.ok(column >= 1 && length >= 1);
  assert.ok(
    column + length - 1 <= Math.max(1, characters + 1),
    `column ${column}+${length} of ${characters}`,
  );
}

describe('parseConfig', () => {
  for (const strict of [false, true]) {
    it(`never throws and points into the file (strict: ${strict})`, async () => {
      await fc.assert(
        fc.asyncProperty(anyText, async (text) => {
          const options = { strict, resolver: fakeResolver(), hostname: 'balancer' };
          const { config, diagnostics } = await parseConfig(text, 'a.cf', options);
          const lines = text.replace(/^\ufeff/, '').split('\n');
          for (const diagnostic of diagnostics) {
            assertInside(diagnostic, lines);
            // biome-ignore lint/suspicious/noControlCharactersInRegex: none may come through
            assert.doesNotMatch(renderDiagnostic(diagnostic), /[\0-\x08\x0b-\x1f\x7f-\x9f]/);
          }
          const failed = diagnostics.some(({ severity }) => severity === 'error');
          assert.equal(config === undefined, failed);
        }),
        { numRuns: 300 },
      );
    });
  }

  it('accepts when strict only what it accepts when not, with the same meaning', async () => {
    await fc.assert(
      fc.asyncProperty(configText(), async (text) => {
        const options = { resolver: fakeResolver(), hostname: 'balancer' };
        const strict = await parseConfig(text, 'a.cf', { ...options, strict: true });
        if (strict.config === undefined) return;
        const lenient = await parseConfig(text, 'a.cf', options);
        assert.deepEqual(lenient.config, strict.config);
      }),
      { numRuns: 300 },
    );
  });

  it('reads a thousand services of ten servers each', async () => {
    const section = (n: number): string => {
      const reals = Array.from(
        { length: 10 },
        (_, i) => `\treal=10.1.${n >> 8}.${i + 1}:80 masq\n`,
      );
      return `virtual=10.0.${n >> 8}.${n & 255}:80\n${reals.join('')}\tservice=http\n\n`;
    };
    const text = Array.from({ length: 1000 }, (_, n) => section(n)).join('');
    const { config } = await parseConfig(text, 'a.cf', { resolver: fakeResolver() });
    assert.equal(config?.virtuals.flatMap(({ reals }) => reals).length, 10_000);
  });
});
