import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { directiveNames, findDirective } from '../../src/config/ldirectord/directives.ts';
import { cases } from './ldirectord-cases.ts';
import { behaviour, threads, weaknesses } from './ldirectord-mended.ts';
import type { Proof } from './proof.ts';

const tests = fileURLToPath(new URL('../../../test', import.meta.url));

describe('what ldirectord does', () => {
  it('is proven case by case', () => {
    const numbers = Array.from({ length: 61 }, (_, i) => String(i + 1));
    assert.deepEqual(Object.keys(cases), numbers);
    assert.deepEqual(gaps(testsOf(cases)), []);
  });

  it('is proven to be mended, weakness by weakness', () => {
    const numbers = Array.from({ length: 16 }, (_, i) => String(i + 1));
    assert.deepEqual(Object.keys(weaknesses), numbers);
    assert.deepEqual(gaps(testsOf(weaknesses)), []);
  });

  it('is proven where its users were heard', () => {
    assert.deepEqual(gaps(testsOf(threads)), []);
  });

  it('is proven for every one of its directives', () => {
    const own = [...directiveNames()].filter((name) => {
      const directive = findDirective(name);
      return directive?.own !== true && directive?.removed === undefined;
    });
    assert.deepEqual(Object.keys(behaviour).toSorted(), own.toSorted());
    assert.deepEqual(gaps(Object.values(behaviour)), []);
  });

  it('has at least one test for each', () => {
    const all = [cases, weaknesses, threads].flatMap((each) => Object.values<Proof>(each));
    assert.deepEqual(
      all.filter(({ tests }) => tests.length === 0),
      [],
    );
    assert.deepEqual(
      Object.values(behaviour).filter((each) => each.length === 0),
      [],
    );
  });

  it('could not be proven by a test that is not there', () => {
    const [first = '', ...others] = cases[1]?.tests ?? [];
    assert.equal(missing(first), undefined);
    assert.notEqual(missing(`${first} at all`), undefined);
    assert.notEqual(missing(first.replace('/', '/no-')), undefined);
    assert.equal(others.length, 1);
  });
});

/** Why there is no such test; undefined when there is one. */
function missing(test: string): string | undefined {
  const [file = ''] = test.split(': ', 1);
  const name = test.slice(file.length + 2);
  const path = [`${tests}/${file}.test.ts`, `${tests}/${file}.ts`].find((each) => existsSync(each));
  if (path === undefined) return `no file test/${file}.test.ts`;
  const source = readFileSync(path, 'utf8').replace(/\$\{[^}]*\}/g, '…');
  return isTestIn(source, name) ? undefined : `no test "${name}" in ${file}`;
}

/** A name stands in `it()` itself, or in a table of rows whose names become tests. */
function isTestIn(source: string, name: string): boolean {
  return ["'", '"', '`'].some((quote) => {
    const before = source.split(`${quote}${name}${quote}`).slice(0, -1);
    return before.some((text) => /(?:\bit\(|\bname:|\n *\[)\s*$/.test(text));
  });
}

function gaps(proofs: Iterable<readonly string[]>): readonly string[] {
  return [...proofs].flat().flatMap((test) => missing(test) ?? []);
}

function testsOf(proofs: Readonly<Record<string, Proof>>): readonly (readonly string[])[] {
  return Object.values(proofs).map((proof) => proof.tests);
}
