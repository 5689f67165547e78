import { type Diagnostic, diagnosticLine } from './diagnostic.ts';

/** Of a longer line only the surroundings of the place are shown. */
const shownCharacters = 160;
const shownBefore = 60;

/**
 * The display for people: the one-line form, the line of the file, and carets below the place.
 * Tabs of the line stand before the carets as well, so that they line up at any tab width.
 */
export function renderDiagnostic(diagnostic: Diagnostic): string {
  const first = diagnosticLine(diagnostic);
  if (diagnostic.line === 0) return first;
  const { characters, column } = surroundings(Array.from(diagnostic.source), diagnostic.column);
  const before = characters.slice(0, column - 1);
  const under = characters.slice(before.length, before.length + diagnostic.length);
  const indent = before.map((c) => (c === '\t' ? '\t' : ' ')).join('');
  const carets = '^'.repeat(Math.max(1, under.length));
  return `${first}\n  ${visible(characters)}\n  ${indent}${carets}`;
}

/** @returns the part to show, and the column (from 1) that `column` has in it. */
function surroundings(line: readonly string[], column: number) {
  if (line.length <= shownCharacters) return { characters: line, column };
  const start = Math.max(0, Math.min(column - 1 - shownBefore, line.length - shownCharacters));
  const end = start + shownCharacters;
  const head = start > 0 ? ['…'] : [];
  const tail = end < line.length ? ['…'] : [];
  const characters = [...head, ...line.slice(start, end), ...tail];
  return { characters, column: column - start + head.length };
}

/** Every character that a terminal would act upon, but for the tab, as one dot. */
function visible(characters: readonly string[]): string {
  return characters.map((c) => (/[^\P{Cc}\t]/u.test(c) ? '·' : c)).join('');
}
