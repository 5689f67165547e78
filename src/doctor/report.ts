import type { Examined, Finding, Level } from './finding.ts';

export interface Report {
  /** Neither errors nor warnings. */
  readonly ok: boolean;
  readonly host: string;
  readonly config: string;
  readonly checks: readonly Examined[];
}

/** Whether there is nothing to be done. */
export function isWell(examined: readonly Examined[]): boolean {
  return examined.every(({ findings }) => findings.every(({ level }) => level === 'info'));
}

/**
 * The report for people: errors first, then one line with the sum.
 *
 * @param verbose lists the checks with their outcomes, too.
 */
export function reportText({ checks }: Report, verbose: boolean): string {
  const findings = checks.flatMap((check) => check.findings);
  const ordered = (['error', 'warning', 'info'] as const).flatMap((level) =>
    findings.filter((finding) => finding.level === level),
  );
  const lasting = findings.some(({ command = '' }) => command.includes('sysctl -w'));
  return [
    ...ordered.map(findingText),
    ...(lasting
      ? ['"sysctl -w" lasts until the next boot: write the same into /etc/sysctl.d/']
      : []),
    ...(verbose ? checks.map(outcomeLine) : []),
    sumLine(checks, findings),
    '',
  ].join('\n');
}

function findingText({ level, where, what, why, command, on }: Finding): string {
  const place = on === undefined ? 'mend' : `mend on ${on}`;
  const lines = [`${level}: ${where}: ${what}`, `  why: ${why}`];
  return [...lines, ...(command === undefined ? [] : [`  ${place}: ${command}`])].join('\n');
}

function outcomeLine({ name, title, outcome }: Examined): string {
  return `${outcome.padEnd(13)} ${name}: ${title}`;
}

function sumLine(checks: readonly Examined[], findings: readonly Finding[]): string {
  const count = (outcome: Examined['outcome']) =>
    checks.filter((check) => check.outcome === outcome).length;
  const [passed, found, unseen] = [count('passed'), count('found'), count('not looked at')];
  const looked = passed + found;
  const not = unseen === 0 ? '' : `, ${unseen} not looked at`;
  if (found === 0) return `all ${looked} checks passed${not}`;
  const levels = (['error', 'warning'] as const)
    .map((level) => counted(findings, level))
    .filter((text) => text !== '');
  return `${levels.join(', ')}: ${passed} of ${looked} checks passed${not}`;
}

function counted(findings: readonly Finding[], level: Level): string {
  const { length } = findings.filter((finding) => finding.level === level);
  return length === 0 ? '' : `${length} ${level}${length === 1 ? '' : 's'}`;
}
