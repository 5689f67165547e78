import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

/** A directory that ends with the test. */
export function temporaryDirectory(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'ipvsd-test-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** Writes an executable file that ends with the test, and returns its path. */
export function writeScript(t: TestContext, text: string, mode = 0o755): string {
  const path = join(temporaryDirectory(t), 'script');
  writeFileSync(path, text, { mode });
  return path;
}
