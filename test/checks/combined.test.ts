import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Check } from '../../src/checks/check.ts';
import { combinedCheck } from '../../src/checks/combined.ts';
import type { CombinedCheck } from '../../src/config/check-model.ts';
import { negotiateCheck } from '../support/negotiate-check.ts';

interface Row {
  readonly name: string;
  readonly connects: number;
  /** What each check finds: + good, - bad, ! throws. */
  readonly results: string;
  /** G for a negotiate, c for a connect. */
  readonly kinds: string;
}

const rows: readonly Row[] = [
  { name: 'all good', connects: 2, results: '+++++++++', kinds: 'GccGccGcc' },
  { name: 'a failed connect', connects: 3, results: '++-+++++', kinds: 'GccGcccG' },
  { name: 'failed negotiates', connects: 2, results: '---+++', kinds: 'GGGGcc' },
  { name: 'a connect that throws', connects: 3, results: '++!+', kinds: 'GccG' },
  { name: 'N=0', connects: 0, results: '+++', kinds: 'GGG' },
];

describe('combinedCheck', () => {
  for (const row of rows) {
    it(`${row.name}: ${row.results} runs ${row.kinds}`, async () => {
      const bench = new Bench();
      const definition = definitionOf(row.connects);
      for (const result of row.results) await bench.run(definition, result);
      assert.equal(bench.kinds, row.kinds);
    });
  }

  it('keeps the rounds of two probes apart', async () => {
    const bench = new Bench();
    const [one, two] = [definitionOf(2), definitionOf(2)];
    await bench.run(one, '+');
    await bench.run(two, '+');
    await bench.run(one, '-');
    await bench.run(two, '+');
    assert.equal(bench.kinds, 'GGcc');
  });
});

class Bench {
  kinds = '';
  #next = '+';
  readonly #check = combinedCheck(this.#answering('c'), this.#answering('G'));

  async run(definition: CombinedCheck, result: string): Promise<void> {
    this.#next = result;
    const running = this.#check(definition, { signal: new AbortController().signal });
    if (result === '!') await assert.rejects(running, /broken/);
    else assert.equal((await running).up, result === '+');
  }

  #answering(kind: string): Check {
    return async () => {
      this.kinds += kind;
      if (this.#next === '!') throw new Error('broken');
      return { up: this.#next === '+', reason: kind };
    };
  }
}

function definitionOf(connects: number): CombinedCheck {
  const target = { family: 'inet', address: '127.0.0.1', port: 80 } as const;
  const connect = { type: 'connect', target, timeoutMs: 1000 } as const;
  return { type: 'combined', connects, connect, negotiate: negotiateCheck(target) };
}
