import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Absolute path of a page of the manual. */
export function pagePath(name: string): string {
  return fileURLToPath(new URL(`../../../man/${name}`, import.meta.url));
}

/** A page of the manual as roff. */
export function readPage(name: string): string {
  return readFileSync(pagePath(name), 'utf8');
}

/**
 * Lines of a section, from its `.SH` to the next one.
 *
 * @throws Error when the page has no such section.
 */
export function sectionLines(page: string, title: string): readonly string[] {
  const lines = page.split('\n');
  const start = lines.indexOf(`.SH ${title}`);
  if (start < 0) throw new Error(`manual page: expected a section "${title}"`);
  const rest = lines.slice(start + 1);
  const length = rest.findIndex((line) => line.startsWith('.SH '));
  return length < 0 ? rest : rest.slice(0, length);
}

/**
 * Lines that a section shows as they are to be typed, from the one that begins so to the end of its block.
 *
 * @throws Error when there is none.
 */
export function shownBlock(name: string, title: string, begin: string): string {
  const lines = sectionLines(readPage(name), title);
  const first = lines.findIndex((line) => plainText(line).startsWith(begin));
  if (first < 0) throw new Error(`${name}: expected a line "${begin}" in ${title}`);
  const length = lines.slice(first).indexOf('.RE');
  return `${plainText(lines.slice(first, first + length).join('\n'))}\n`;
}

/** What a reader sees of roff text: escapes, font changes and quotes of arguments are gone. */
export function plainText(roff: string): string {
  return roff
    .replace(/^\.\\".*$/gm, '')
    .replace(/^\.[A-Z]+ ?/gm, '')
    .replace(/\\f[BIRP]/g, '')
    .replaceAll('"', '')
    .replaceAll('\\(dq', '"')
    .replaceAll('\\(aq', "'")
    .replaceAll('\\(ha', '^')
    .replaceAll('\\(ti', '~')
    .replaceAll('\\(bu', '')
    .replaceAll('\\&', '')
    .replaceAll('\\-', '-')
    .replaceAll('\\e', '\\');
}
