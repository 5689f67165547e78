import type { Config } from '../config/model.ts';
import type { Facts } from './facts.ts';
import type { PeerFacts } from './peer-facts.ts';

/** Errors lose traffic now, warnings will one day; infos need nothing done, or cannot be seen from here. */
export type Level = 'error' | 'warning' | 'info';

export interface Finding {
  readonly level: Level;
  /** What is so. */
  readonly what: string;
  /** The virtual or real server, interface, setting, or line of the file that it is about. */
  readonly where: string;
  /** Why it matters, in one line. */
  readonly why: string;
  /** The command that mends it. */
  readonly command?: string;
  /** The machine to give the command on; absent: this one. */
  readonly on?: string;
  /** It could not be looked at. */
  readonly unseen?: true;
}

/** What the checks judge. */
export interface Subject {
  readonly config: Config;
  readonly facts: Facts;
  readonly peer?: PeerFacts;
}

export type Judgement =
  | { readonly kind: 'looked at'; readonly findings: readonly Finding[] }
  /** Nothing in the file needs it. */
  | { readonly kind: 'not needed' }
  | { readonly kind: 'not looked at'; readonly reason: string; readonly command?: string };

export interface Check {
  readonly name: string;
  /** What is so when it passes. */
  readonly title: string;
  /** Pure: facts in, findings out. */
  readonly judge: (subject: Subject) => Judgement;
}

export const notNeeded: Judgement = { kind: 'not needed' };

export function lookedAt(findings: readonly Finding[]): Judgement {
  return { kind: 'looked at', findings };
}

/** @param command lets it be looked at the next time. */
export function notLookedAt(reason: string, command?: string): Judgement {
  return { kind: 'not looked at', reason, ...(command !== undefined && { command }) };
}

export type Outcome = 'passed' | 'found' | 'not looked at' | 'not needed';

export interface Examined {
  readonly name: string;
  readonly title: string;
  readonly outcome: Outcome;
  readonly findings: readonly Finding[];
}

/** Runs the checks in their order. What could not be looked at becomes an info. */
export function examine(subject: Subject, checks: readonly Check[]): readonly Examined[] {
  return checks.map((check) => examined(check, check.judge(subject)));
}

function examined({ name, title }: Check, judgement: Judgement): Examined {
  switch (judgement.kind) {
    case 'not needed':
      return { name, title, outcome: 'not needed', findings: [] };
    case 'not looked at':
      return { name, title, outcome: 'not looked at', findings: [unseen(title, judgement)] };
    case 'looked at':
      return { name, title, outcome: outcomeOf(judgement.findings), findings: judgement.findings };
  }
}

function outcomeOf(findings: readonly Finding[]): Outcome {
  if (findings.some(({ level }) => level !== 'info')) return 'found';
  return findings.some((finding) => finding.unseen) ? 'not looked at' : 'passed';
}

function unseen(
  title: string,
  { reason, command }: Extract<Judgement, { kind: 'not looked at' }>,
): Finding {
  return {
    level: 'info',
    where: title,
    what: `not looked at, because ${reason}`,
    why: 'it may be wrong all the same',
    ...(command !== undefined && { command }),
    unseen: true,
  };
}
