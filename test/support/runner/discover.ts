import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';

/**
 * unit: needs nothing; kernel: a real kernel and a network of its own; beside: the same, and the
 * programs that ipvsd replaces, run beside it; ha: real cluster engines.
 */
export const tiers = ['unit', 'kernel', 'beside', 'ha'] as const;

export type Tier = (typeof tiers)[number];

export interface TestFile {
  readonly tier: Tier;
  /** Path below `test/` without its ending, as a person types it: `config/lexer`. */
  readonly name: string;
  /** Absolute path of the compiled file. */
  readonly path: string;
}

/**
 * Lists every test file of a tier, sorted by name. The sources are listed, not `dist`: a compiled
 * file whose source is gone must not run, and a source that was not compiled must be an error.
 *
 * @throws Error when a source has no compiled file.
 */
export function discover(root: string, tier: Tier): readonly TestFile[] {
  return readdirSync(path.join(root, 'test'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.test.ts'))
    .map((file) => describeFile(root, file))
    .filter((file) => file.tier === tier)
    .sort((a, b) => a.name.localeCompare(b.name));
}

function describeFile(root: string, file: string): TestFile {
  const name = file.slice(0, -'.test.ts'.length);
  const compiled = path.join(root, 'dist', 'test', `${name}.test.js`);
  if (!existsSync(compiled)) {
    throw new Error(`test/${file}: expected "${compiled}" to be built, run "npm run build"`);
  }
  const [folder = ''] = name.split(path.sep);
  // the folder of a tier has its name; all other folders mirror src
  const tier = tiers.find((name) => name === folder) ?? 'unit';
  return { tier, name, path: compiled };
}
