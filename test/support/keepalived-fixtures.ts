import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Findings } from '../../src/config/keepalived/finding.ts';
import { type ImportFiles, systemImportFiles } from '../../src/config/keepalived/import-files.ts';
import {
  type ImportResult,
  importKeepalived,
} from '../../src/config/keepalived/import-keepalived.ts';
import type { BlockName } from '../../src/config/keepalived/keyword.ts';
import { findKeyword } from '../../src/config/keepalived/keywords.ts';
import { readSourceLines } from '../../src/config/keepalived/source-lines.ts';
import { readTree, type Statement } from '../../src/config/keepalived/tree.ts';

const root = fileURLToPath(new URL('../../../fixtures/keepalived/', import.meta.url));
/** Where the fixtures seem to stand, so that goldens are the same everywhere. */
const seeming = '/etc/keepalived/';

/** All files of fixtures/keepalived, by their names without .conf. */
export const keepalivedFixtures: readonly string[] = readdirSync(root)
  .filter((name) => name.endsWith('.conf'))
  .map((name) => basename(name, '.conf'));

export function keepalivedFixturePath(name: string): string {
  return join(root, name);
}

/** Those that keepalived refuses as well, or that would mean something else than they say. */
export function isRefused(name: string): boolean {
  return name.startsWith('refused-');
}

export function importFixture(name: string): ImportResult {
  const surroundings = { configId: 'balancer1', environment: { LB_SITE: 'north' } };
  return importKeepalived(`${seeming}${name}.conf`, surroundings, fixtureFiles);
}

const fixtureFiles: ImportFiles = {
  read: (path) => systemImportFiles.read(real(path)),
  kind: (path) => systemImportFiles.kind(real(path)),
  names: (folder) => systemImportFiles.names(real(folder)),
};

function real(path: string): string {
  return path.startsWith(seeming.slice(0, -1)) ? join(root, path.slice(seeming.length - 1)) : path;
}

/** Each keyword that stands in a fixture, with its block: `real_server weight`. */
export function fixtureWords(name: string): readonly string[] {
  const findings = new Findings();
  const surroundings = { configId: 'balancer1', environment: {} };
  const path = keepalivedFixturePath(`${name}.conf`);
  return wordsOf(
    'root',
    readTree(readSourceLines(path, surroundings, systemImportFiles, findings), findings),
  );
}

function wordsOf(block: BlockName, statements: readonly Statement[]): readonly string[] {
  return statements.flatMap((statement) => {
    const opens = findKeyword(block, statement.keyword)?.opens;
    const inner = opens === undefined || opens === 'list' || opens === 'opaque' ? undefined : opens;
    const word = `${block} ${statement.keyword}`;
    return inner === undefined ? [word] : [word, ...wordsOf(inner, statement.block ?? [])];
  });
}
