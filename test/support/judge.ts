import assert from 'node:assert/strict';
import type { Config } from '../../src/config/model.ts';
import { directorChecks, realServerSideChecks } from '../../src/doctor/checks.ts';
import type { Facts } from '../../src/doctor/facts.ts';
import { type Examined, examine } from '../../src/doctor/finding.ts';
import type { PeerFacts } from '../../src/doctor/peer-facts.ts';

/** What one check says of a file and facts. */
export function judge(name: string, config: Config, facts: Facts, peer?: PeerFacts): Examined {
  const checks = [...directorChecks, ...realServerSideChecks].filter((one) => one.name === name);
  const [examined] = examine({ config, facts, ...(peer !== undefined && { peer }) }, checks);
  assert.ok(examined, `expected a check "${name}"`);
  return examined;
}

/** The same, in one line: outcome, then level, place and command of each finding. */
export function verdict(...args: Parameters<typeof judge>): readonly string[] {
  const { outcome, findings } = judge(...args);
  return [
    outcome,
    ...findings.map(({ level, where, command = 'no command' }) => `${level} ${where}: ${command}`),
  ];
}
