import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { execa } from 'execa';
import type { Examined } from '../../src/doctor/finding.ts';
import { program } from './ipvsd.ts';
import { temporaryDirectory } from './script.ts';

/**
 * Runs a shell script as root of a network namespace of the running kernel that is gone
 * afterwards, as are its mounts.
 */
export function inOwnNetwork(script: string) {
  const options = { reject: false, stdin: 'ignore' } as const;
  return execa('unshare', ['-rnm', 'sh', '-euc', script], options);
}

/** Hides programs of the system from the rest of such a script. */
export function hide(...names: readonly string[]): string {
  return names.map((name) => `mount --bind /dev/null "$(command -v ${name})"\n`).join('');
}

/** What `ipvsd doctor` says in such a namespace of a file with that text, after a script. */
export async function examineOwnNetwork(
  t: TestContext,
  text: string,
  script: string,
): Promise<(check: string) => Examined> {
  const file = path.join(temporaryDirectory(t), 'a.cf');
  writeFileSync(file, text);
  const doctor = `"${process.execPath}" "${program}" doctor "${file}" --json || [ $? -eq 1 ]`;
  // of its own, as the usual one is root's
  const lock = `export XTABLES_LOCKFILE="${file}.lock"`;
  const { stdout, stderr } = await inOwnNetwork(`${lock}\n{ ${script}\n} >&2\n${doctor}`);
  assert.notEqual(stdout, '', stderr);
  const { checks }: { checks: readonly Examined[] } = JSON.parse(stdout);
  return (check) => {
    const examined = checks.find(({ name }) => name === check);
    assert.ok(examined, `expected a check "${check}"`);
    return examined;
  };
}
