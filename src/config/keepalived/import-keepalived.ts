import { withoutControls } from './control-characters.ts';
import type { Conversion } from './conversion.ts';
import { convertVirtual } from './convert-virtual.ts';
import type { Surroundings } from './definitions.ts';
import { examine } from './examine.ts';
import { type Finding, Findings } from './finding.ts';
import { type ImportFiles, systemImportFiles } from './import-files.ts';
import { type Item, printItems } from './items.ts';
import { reportKernelSettings } from './kernel-hints.ts';
import { mailItems } from './mail.ts';
import { readSourceLines } from './source-lines.ts';
import { allOf, readTree, type Statement } from './tree.ts';
import { vrrpConfig } from './vrrp.ts';

/** What became of a keepalived.conf. */
export interface ImportResult {
  /** The new file; absent when any finding is an error. */
  readonly text?: string;
  /** In the order of the files. */
  readonly findings: readonly Finding[];
  /** A keepalived.conf for what stays with keepalived, if anything does. */
  readonly vrrp?: string;
}

/**
 * Reads a keepalived.conf with all that it includes and writes its virtual servers as an ipvsd.cf(5).
 *
 * @param path - of the file; what it includes is found from there.
 */
export function importKeepalived(
  path: string,
  surroundings: Surroundings,
  files: ImportFiles = systemImportFiles,
): ImportResult {
  const findings = new Findings();
  const lines = readSourceLines(path, surroundings, files, findings);
  const tree = readTree(lines, findings);
  if (findings.failed) return { findings: inOrder(findings, path) };
  const root = examine('root', tree, findings);
  const conversion = conversionOf(root, findings);
  const sections = allOf(root, 'virtual_server').flatMap((one) => convertVirtual(one, conversion));
  reportKernelSettings(conversion);
  reportAlpha(root, findings);
  if (sections.length === 0 && !findings.failed) {
    const message = 'the file has none that can be used: there is nothing to convert';
    findings.add('hand', { file: path, line: 1 }, 'virtual_server', message);
  }
  const vrrp = vrrpConfig(root, findings);
  const text = fileText(path, mailItems(conversion), sections);
  return {
    ...(!findings.failed && { text }),
    ...(vrrp !== undefined && { vrrp }),
    findings: inOrder(findings, path),
  };
}

function conversionOf(root: readonly Statement[], findings: Findings): Conversion {
  const content = (name: string): readonly Statement[] =>
    allOf(root, name).flatMap(({ block = [] }) => block);
  const named = (...names: readonly string[]): ReadonlyMap<string, readonly Statement[]> =>
    new Map(allOf(root, ...names).map(({ words, block = [] }) => [words[0] ?? '', block]));
  return {
    globals: content('global_defs'),
    ssl: content('SSL'),
    trackFiles: named('track_file', 'vrrp_track_file'),
    groups: named('virtual_server_group'),
    findings,
  };
}

/** Said once: at the first virtual server that does without it. */
function reportAlpha(root: readonly Statement[], findings: Findings): void {
  const without = allOf(root, 'virtual_server').find(
    ({ block = [] }) => allOf(block, 'alpha').length === 0,
  );
  if (without === undefined) return;
  const message =
    'servers get their first clients after their first good check; keepalived without alpha sends clients to servers that it has not checked';
  findings.add('note', without, 'alpha', message);
}

function fileText(path: string, globals: readonly Item[], sections: readonly Item[]): string {
  const head = `# Written by "ipvsd import" from ${withoutControls(path)}\n`;
  const parts = [printItems(globals), ...sections.map((section) => printItems([section]))];
  return [head, ...parts.filter((part) => part !== '')].join('\n');
}

/** File by file, the main one first, each from top to bottom. */
function inOrder({ list }: Findings, path: string): readonly Finding[] {
  const order = [path, ...list.map(({ file }) => file)];
  const place = ({ file }: Finding): number => order.indexOf(file);
  return list.toSorted((a, b) => place(a) - place(b) || a.line - b.line);
}
