import type { Config } from '../config/model.ts';
import type { Facts, Unseen } from './facts.ts';
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
  | {
      readonly kind: 'looked at';
      readonly findings: readonly Finding[];
      /** Of what was not looked at. */
      readonly unseen?: Unseen;
    }
  /** Nothing in the file needs it. */
  | { readonly kind: 'not needed' };

export interface Check {
  readonly name: string;
  /** What is so when it passes. */
  readonly title: string;
  /** Pure: facts in, findings out. */
  readonly judge: (subject: Subject) => Judgement;
}

export const notNeeded: Judgement = { kind: 'not needed' };

/** @param unseen why not all of it was. */
export function lookedAt(findings: readonly Finding[], unseen?: Unseen): Judgement {
  return { kind: 'looked at', findings, ...(unseen !== undefined && { unseen }) };
}

export function notLookedAt(unseen: Unseen): Judgement {
  return lookedAt([], unseen);
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
  if (judgement.kind === 'not needed') return { name, title, outcome: 'not needed', findings: [] };
  const { unseen } = judgement;
  const findings = [
    ...judgement.findings,
    ...(unseen === undefined ? [] : [unseenFinding(title, unseen)]),
  ];
  return { name, title, outcome: outcomeOf(findings), findings };
}

function outcomeOf(findings: readonly Finding[]): Outcome {
  if (findings.some(({ level }) => level !== 'info')) return 'found';
  return findings.some((finding) => finding.unseen) ? 'not looked at' : 'passed';
}

function unseenFinding(title: string, { unknown, command }: Unseen): Finding {
  return {
    level: 'info',
    where: title,
    what: `not looked at, because ${unknown}`,
    why: 'it may be wrong all the same',
    ...(command !== undefined && { command }),
    unseen: true,
  };
}
