import type { Findings, Place } from './finding.ts';
import { type GlobMatch, glob } from './glob.ts';
import type { ImportFiles } from './import-files.ts';

/** What an include insists on. */
export type IncludeCheck = 'read' | 'match' | 'wildcard_match' | 'brace_match';
export type IncludeChecks = ReadonlySet<IncludeCheck>;

const allChecks: readonly IncludeCheck[] = ['read', 'match', 'wildcard_match', 'brace_match'];

/** What a word adds to the checks in force. */
const checksOfWord: Readonly<Record<string, readonly IncludeCheck[]>> = {
  includer: ['read'],
  includem: ['match'],
  includew: ['wildcard_match'],
  includeb: ['brace_match'],
  includea: allChecks,
};

/**
 * The files that an include line stands for. Folders and files that somebody may execute are left
 * out, as keepalived does.
 */
export function includedFiles(
  include: { readonly word: string; readonly pattern: string; readonly checks: IncludeChecks },
  from: Place & { readonly folder: string },
  files: ImportFiles,
  findings: Findings,
): readonly string[] {
  const { word, pattern } = include;
  const checks = new Set([...include.checks, ...(checksOfWord[word] ?? [])]);
  const matches = glob(pattern, from.folder, files);
  if (matches === undefined) {
    findings.add('error', from, word, `expected fewer alternatives, got "${pattern}"`);
    return [];
  }
  const missing = matches.filter((match) =>
    match.paths.every((path) => files.kind(path) === 'missing'),
  );
  const isWrong = missing.some((match) => mustExist(match, matches.length > 1, checks));
  for (const match of missing) {
    const kind = mustExist(match, matches.length > 1, checks) ? 'error' : 'note';
    findings.add(kind, from, word, `no file matches "${match.pattern}"`);
  }
  if (isWrong) return [];
  return matches
    .flatMap(({ paths }) => paths)
    .filter((path) => isRead(path, { word, strict: checks.has('read') }, from, files, findings));
}

/** `include_check [+|-]WORD...` of global_defs; any other line leaves the checks as they are. */
export function readIncludeCheck(text: string, before: IncludeChecks): IncludeChecks {
  const [, list] = /^\s*include_check(?:\s+(.*))?$/s.exec(text) ?? [];
  if (!/^\s*include_check\b/.test(text)) return before;
  if (list === undefined) return new Set(allChecks);
  const words = list.split(/\s+/).filter((word) => word !== '');
  const changes = words.every((word) => /^[+-]/.test(word));
  const checks = new Set(changes ? before : []);
  for (const word of words) {
    const check = allChecks.find(
      (known) => known === word.replace(/^[+-]/, '').replace('readable', 'read'),
    );
    if (check === undefined) continue;
    if (word.startsWith('-')) checks.delete(check);
    else checks.add(check);
  }
  return checks;
}

function mustExist(match: GlobMatch, isAlternative: boolean, checks: IncludeChecks): boolean {
  if (isAlternative) return checks.has('brace_match');
  return checks.has(match.wildcard ? 'wildcard_match' : 'match');
}

function isRead(
  path: string,
  { word, strict }: { readonly word: string; readonly strict: boolean },
  from: Place,
  files: ImportFiles,
  findings: Findings,
): boolean {
  const kind = files.kind(path);
  if (kind === 'file') return true;
  if (kind === 'missing') return false;
  const reasons = {
    executable: 'somebody may execute it',
    unreadable: 'it cannot be read',
    other: 'it is no regular file',
  };
  const message = `"${path}" is not read, as keepalived does not: ${reasons[kind]}`;
  findings.add(strict ? 'error' : 'note', from, word, message);
  return false;
}
