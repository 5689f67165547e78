import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The folder of the package. */
export const packageFolder = fileURLToPath(new URL('../../../', import.meta.url));

/** README.md as it is. */
export function readme(): string {
  return readFileSync(`${packageFolder}README.md`, 'utf8');
}

/**
 * The code block of a section of README.md.
 *
 * @param heading of its `##` line.
 * @throws Error when the section is missing or has not exactly one block.
 */
export function readmeBlock(heading: string): string {
  const [, section = ''] = readme().split(`\n## ${heading}\n`);
  const [body = ''] = section.split('\n## ');
  const blocks = [...body.matchAll(/^```\w*\n(.*?)^```$/gms)].map(([, block = '']) => block);
  const [block, ...others] = blocks;
  if (block === undefined || others.length > 0) {
    throw new Error(`README.md: expected one code block below "${heading}", got ${blocks.length}`);
  }
  return block;
}
