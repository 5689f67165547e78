import type { Diagnostic } from '../diagnostic.ts';
import { type DirectiveLine, type Line, lineText, valueOffset } from './syntax.ts';

/** A stretch of a text, in UTF-16 units; `end` is behind its last character. */
export interface Stretch {
  readonly start: number;
  readonly end: number;
}

/** Tells of one finding; without a stretch it is about the whole line. */
export type Finding = (line: Line, code: string, message: string, at?: Stretch) => void;

/** Where findings go, with the line they are about. */
export interface Report {
  readonly error: Finding;
  readonly warn: Finding;
  /**
   * Something that ldirectord refuses and that has one plausible meaning: a warning that says
   * what was assumed, in strict mode an error.
   */
  readonly assume: Finding;
  /** Something right that ldirectord does not know: nothing to tell of, in strict mode an error. */
  readonly foreign: Finding;
}

/** Tells of a finding in a value; stretches count from the start of the value. */
export type ValueFinding = (code: string, message: string, at?: Stretch) => void;

/** A Report for the reader of one value. */
export interface ValueReport {
  readonly error: ValueFinding;
  readonly warn: ValueFinding;
  readonly assume: ValueFinding;
  readonly foreign: ValueFinding;
}

/**
 * A report that keeps what it is told, each finding once (a global line concerns many sections).
 *
 * @param path - file name for the diagnostics.
 * @param strict - makes assumptions errors.
 * @param known - findings that it begins with.
 */
export function collectingReport(
  path: string,
  strict: boolean,
  known: readonly Diagnostic[] = [],
): CollectingReport {
  const found = new Map(known.map((one) => [keyOf(one), one]));
  const add =
    (severity: Diagnostic['severity']): Finding =>
    (line, code, message, at) => {
      const one = diagnostic(severity, path, line, code, message, at);
      found.set(keyOf(one), one);
    };
  return {
    error: add('error'),
    warn: add('warning'),
    assume: strict ? refuse(add('error')) : add('warning'),
    foreign: strict ? refuse(add('error')) : () => undefined,
    diagnostics: () =>
      [...found.values()].toSorted((a, b) => a.line - b.line || a.column - b.column),
  };
}

export type CollectingReport = Report & { diagnostics(): readonly Diagnostic[] };

function keyOf({ line, column, code, message }: Diagnostic): string {
  return `${line} ${column} ${code} ${message}`;
}

/** A report on the lines of several files: each finding goes to the report of its file. */
export function reportByLine(reportOf: (line: Line) => Report): Report {
  return {
    error: (line, ...finding) => reportOf(line).error(line, ...finding),
    warn: (line, ...finding) => reportOf(line).warn(line, ...finding),
    assume: (line, ...finding) => reportOf(line).assume(line, ...finding),
    foreign: (line, ...finding) => reportOf(line).foreign(line, ...finding),
  };
}

/** In strict mode the assumption is not made. */
function refuse(error: Finding): Finding {
  return (line, code, message, at) => error(line, code, `${message}; refused as strict`, at);
}

/** Passes on what the reader of a value finds, with the directive's name in front of it. */
export function valueReport(report: Report, line: DirectiveLine): ValueReport {
  const pass =
    (to: Finding): ValueFinding =>
    (code, message, at) => {
      to(line, code, `${line.name}: ${message}`, valueStretch(line, at));
    };
  return {
    error: pass(report.error),
    warn: pass(report.warn),
    assume: pass(report.assume),
    foreign: pass(report.foreign),
  };
}

/** For reading a value whose findings are already known. */
export const silentReport: ValueReport = {
  error: () => undefined,
  warn: () => undefined,
  assume: () => undefined,
  foreign: () => undefined,
};

/** For reading lines whose findings are already known. */
export const silentLines: Report = {
  error: () => undefined,
  warn: () => undefined,
  assume: () => undefined,
  foreign: () => undefined,
};

/** A stretch of a value as a stretch of its line; the whole value when none is given. */
export function valueStretch(line: DirectiveLine, at?: Stretch): Stretch {
  const base = valueOffset(line);
  if (at !== undefined) return { start: base + at.start, end: base + at.end };
  if (line.value === '') return nameStretch(line);
  return { start: base, end: base + line.value.length };
}

/** The name of a directive as a stretch of its line. */
export function nameStretch(line: DirectiveLine): Stretch {
  return { start: line.indent.length, end: line.indent.length + line.name.length };
}

function diagnostic(
  severity: Diagnostic['severity'],
  path: string,
  line: Line,
  code: string,
  message: string,
  at: Stretch | undefined,
): Diagnostic {
  const source = lineText(line);
  const start = at?.start ?? source.length - source.trimStart().length;
  const end = at?.end ?? source.trimEnd().length;
  return {
    severity,
    code,
    path,
    line: line.number,
    column: codePoints(source.slice(0, start)) + 1,
    length: Math.max(1, codePoints(source.slice(start, end))),
    message: printable(message),
    source,
  };
}

function codePoints(text: string): number {
  return text.length - (text.match(/[\u{10000}-\u{10ffff}]/gu)?.length ?? 0);
}

/** A message that quotes more of the file than this is cut. */
const maxMessageCharacters = 300;

/** Control characters of the file must not reach a terminal or break a log line, nor fill it. */
function printable(message: string): string {
  // a character is one or two units, and stands for itself or six others
  const text = message
    .slice(0, 2 * maxMessageCharacters + 2)
    .replace(
      /[\p{Cc}\u2028\u2029]/gu,
      (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
    );
  const characters = Array.from(text);
  if (characters.length <= maxMessageCharacters) return text;
  return `${characters.slice(0, maxMessageCharacters).join('')}…`;
}
