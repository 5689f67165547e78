import { type Diagnostic, diagnosticLine } from './diagnostic.ts';

/**
 * The display for people: the one-line form, the line of the file, and carets below the place.
 * Tabs of the line stand before the carets as well, so that they line up at any tab width.
 */
export function renderDiagnostic(diagnostic: Diagnostic): string {
  const first = diagnosticLine(diagnostic);
  if (diagnostic.line === 0) return first;
  const characters = Array.from(diagnostic.source);
  const before = characters.slice(0, diagnostic.column - 1);
  const under = characters.slice(before.length, before.length + diagnostic.length);
  const indent = before.map((c) => (c === '\t' ? '\t' : ' ')).join('');
  const carets = '^'.repeat(Math.max(1, under.length));
  return `${first}\n  ${visible(characters)}\n  ${indent}${carets}`;
}

/** Every character that a terminal would act upon, but for the tab, as one dot. */
function visible(characters: readonly string[]): string {
  return characters.map((c) => (/[^\P{Cc}\t]/u.test(c) ? '·' : c)).join('');
}
