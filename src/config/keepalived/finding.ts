import { withoutControls } from './control-characters.ts';

/** Where something stands in a keepalived.conf or in a file that it includes. */
export interface Place {
  readonly file: string;
  /** 1-based. */
  readonly line: number;
}

/**
 * - error: the file cannot be converted as long as this stands in it
 * - lost: the new file does not do it
 * - hand: the operator has something to do
 * - stays: keepalived goes on doing it
 * - changed: the new file does it in another way
 * - note: as keepalived does it, or without a meaning here; nothing is missing
 */
export type FindingKind = 'error' | 'lost' | 'hand' | 'stays' | 'changed' | 'note';

/** What is to be said about one keyword. */
export interface Finding extends Place {
  readonly kind: FindingKind;
  readonly keyword: string;
  readonly message: string;
}

const kindWords: Readonly<Record<FindingKind, string>> = {
  error: 'error',
  lost: 'lost',
  hand: 'needs a hand',
  stays: 'stays with keepalived',
  changed: 'changed',
  note: 'note',
};

/** @returns `www.conf:12: ha_suspend: lost: checks run wherever the address is` */
export function findingLine({ file, line, kind, keyword, message }: Finding): string {
  return withoutControls(`${file}:${line}: ${keyword}: ${kindWords[kind]}: ${message}`);
}

/** Collects what is found on the way; the same thing is said once for a line. */
export class Findings {
  readonly #list = new Map<string, Finding>();

  add(kind: FindingKind, { file, line }: Place, keyword: string, message: string): void {
    const finding = { kind, file, line, keyword, message };
    const key = findingLine(finding);
    if (!this.#list.has(key)) this.#list.set(key, finding);
  }

  /** In the order in which they were added. */
  get list(): readonly Finding[] {
    return [...this.#list.values()];
  }

  get failed(): boolean {
    return this.list.some(({ kind }) => kind === 'error');
  }
}
