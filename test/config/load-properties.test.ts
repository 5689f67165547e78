import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type Diagnostic, diagnosticLine } from '../../src/config/diagnostic.ts';
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

// In quadratic time each of these would take minutes: the limit is there to see it.
describe('a large file', { timeout: 60_000 }, () => {
  const read = async (text: string) => {
    const { config, diagnostics } = await parseConfig(text, 'a.cf', { resolver: fakeResolver() });
    assert.ok(config !== undefined);
    return { config, said: diagnostics.map(diagnosticLine) };
  };
  const ip = (n: number): string => `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`;
  const many = (count: number, line: (n: number) => string): string =>
    Array.from({ length: count }, (_, n) => line(n)).join('');

  it('has a section of many servers, and says so once', async () => {
    const { config, said } = await read(
      `virtual=10.9.0.30:80\n\tmonitorfile=/tmp/m\n${many(20_000, (n) => `\treal=${ip(n)}:80 masq ${n % 7}\n`)}`,
    );
    assert.equal(config.virtuals[0]?.reals.length, 20_000);
    assert.deepEqual(said, [
      'a.cf:1027:7: warning: real: 1025 real servers in this section up to here, each of them with checks of its own: is that meant?',
    ]);
  });

  it('has a range of many servers twice, which is doubted once for each line', async () => {
    const range = 'real=10.0.0.0->10.0.255.255:80 masq';
    const { config, said } = await read(`virtual=10.9.0.30:80\n\t${range}\n\t${range} 2\n`);
    assert.equal(config.virtuals[0]?.reals.at(-1)?.key, '10.0.255.255:80#2');
    assert.deepEqual(said, [
      'a.cf:2:7: warning: real: 65536 real servers in this section up to here, each of them with checks of its own: is that meant?',
      'a.cf:3:7: warning: real: 10.0.0.0:80 stands in line 2 with another weight, method or threshold',
    ]);
  });

  it('has no doubts about 1024 servers', async () => {
    const { said } = await read(
      `virtual=10.9.0.30:80\n${many(1024, (n) => `\treal=${ip(n)}:80 masq\n`)}`,
    );
    assert.deepEqual(said, []);
  });

  it('has many sections, with global lines between them', async () => {
    const { config } = await read(
      many(8000, (n) => `virtual=${ip(n)}:80\nfallback=10.9.0.${n & 255}\nfallback6=[::1]\n`),
    );
    assert.equal(config.virtuals[0]?.fallbacks[0]?.address, '10.9.0.63');
  });

  it('has a long line of "#" and quotes', async () => {
    const text = '#'.repeat(200_000);
    const { config } = await read(
      `virtual=10.9.0.30:80\n\treal=10.9.0.2:80 gate\n\trequest="${text}"\n`,
    );
    const check = config.virtuals[0]?.reals[0]?.checks[0]?.definition;
    assert.ok(check?.type === 'negotiate');
    assert.equal(check.request, `/${text}`);
  });

  it('has a long line of wrong words, of which the first are told', async () => {
    const text = `virtual=10.9.0.30:80\n\treal=10.9.0.2:80 gate${' 1'.repeat(100_000)}\n`;
    const { diagnostics } = await parseConfig(text, 'a.cf');
    assert.equal(diagnostics.length, 8);
  });
});
