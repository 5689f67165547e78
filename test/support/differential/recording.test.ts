import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { negotiateServices } from '../../../src/config/check-model.ts';
import { directiveNames, findDirective } from '../../../src/config/ldirectord/directives.ts';
import { allCases } from './cases/all.ts';
import { files, filesOf, fileText, folder, readRecording } from './recording.ts';

const texts = files('.cf').map((file) => fileText(file));

/** All values that the files of the suite give to a directive, as they are written. */
function valuesOf(directive: string): readonly string[] {
  const line = new RegExp(`^[ \\t]*${directive}[ \\t]*=[ \\t]*"?([^"\\n]*)`, 'gm');
  return texts.flatMap((text) => [...text.matchAll(line)].map(([, value = '']) => value.trim()));
}

describe('the files of the differential suite', () => {
  it("have every directive of ldirectord, and none of ipvsd's own", () => {
    for (const name of directiveNames()) {
      const { own, removed } = findDirective(name) ?? {};
      const isTheirs = own !== true && removed === undefined;
      assert.equal(valuesOf(name).length > 0, isTheirs, name);
    }
  });

  it('have every check type, method and yes-or-no', () => {
    const has = (directive: string, ...values: readonly string[]): void => {
      for (const value of values) {
        assert.ok(valuesOf(directive).includes(value), `${directive}=${value}`);
      }
    };
    has('checktype', 'connect', 'ping', 'on', 'off', 'external', 'external-perl', '2');
    has('httpmethod', 'GET', 'HEAD');
    for (const directive of ['quiescent', 'cleanstop', 'autoreload']) has(directive, 'yes', 'no');
    const all = texts.join('\n');
    for (const method of ['gate', 'masq', 'ipip'])
      assert.match(all, new RegExp(`real=.* ${method}`));
  });

  it('have every service, but those whose client is not part of the package', () => {
    const ports = valuesOf('virtual').map((value) => value.replace(/.*:/, ''));
    const byPort: Readonly<Record<string, string>> = {
      dns: '53',
      http: '80',
      imaps: '993',
      ldap: '389',
      ldaps: '636',
      nntp: '119',
      pop: '110',
      pops: '995',
    };
    const missing = negotiateServices.filter(
      (service) =>
        !valuesOf('service').includes(service) && !ports.includes(byPort[service] ?? 'none'),
    );
    assert.deepEqual(missing, ['oracle', 'pgsql']);
  });
});

describe('the recordings of the differential suite', () => {
  it('are of the cases as they are now, by one version of ldirectord', () => {
    const versions = allCases.map((theCase) => readRecording(theCase).ldirectord);
    assert.deepEqual([...new Set(versions)], ['1:4.12.0-2']);
  });

  it('and all files belong to a case', () => {
    assert.deepEqual([...files('.cf')].sort(), [...new Set(allCases.flatMap(filesOf))].sort());
    const recordings = allCases.map(({ name }) => `${name}.json`);
    assert.deepEqual([...files('.json')].sort(), recordings.sort());
  });

  it('are told of in a README that names only files that are there', () => {
    const named = [...fileText('README.md').matchAll(/`([a-z0-9./-]+\.(?:cf|test\.ts))`/g)];
    assert.ok(named.length > 60);
    for (const [, name = ''] of named) {
      const path = join(folder, name.startsWith('test/') ? `../../${name}` : name);
      assert.ok(existsSync(path), name);
    }
  });

  it('have a table that is not empty, after each step where that is not the point', () => {
    const empty = allCases
      .filter((theCase) => readRecording(theCase).steps.some(({ saved }) => saved.length === 0))
      .map(({ name }) => name);
    assert.deepEqual(empty, ['empty']);
  });
});
