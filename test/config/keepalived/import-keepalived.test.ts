import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findingLine } from '../../../src/config/keepalived/finding.ts';
import type { ImportResult } from '../../../src/config/keepalived/import-keepalived.ts';
import { golden } from '../../support/config-fixtures.ts';
import {
  importFixture,
  isRefused,
  keepalivedFixturePath,
  keepalivedFixtures,
} from '../../support/keepalived-fixtures.ts';

/** What goes to standard error. */
function losses({ findings, vrrp }: ImportResult): string {
  const lines = findings.map((finding) => `${findingLine(finding)}\n`).join('');
  return vrrp === undefined ? lines : `${lines}\n${vrrp}`;
}

describe('importKeepalived', () => {
  for (const name of keepalivedFixtures.filter((one) => !isRefused(one))) {
    it(`${name}.conf gives ${name}.cf and ${name}.losses`, () => {
      const result = importFixture(name);
      const said = losses(result);
      assert.equal(said, golden(keepalivedFixturePath(`${name}.losses`), said));
      const text = result.text ?? '';
      assert.equal(text, golden(keepalivedFixturePath(`${name}.cf`), text));
      assert.match(text, /^virtual6?=/m);
    });
  }

  for (const name of keepalivedFixtures.filter(isRefused)) {
    it(`${name}.conf is refused with ${name}.losses`, () => {
      const result = importFixture(name);
      const said = losses(result);
      assert.equal(said, golden(keepalivedFixturePath(`${name}.losses`), said));
      assert.equal(result.text, undefined);
      assert.ok(result.findings.some(({ kind }) => kind === 'error'));
    });
  }
});
