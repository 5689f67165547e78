/** One thing that is wrong or doubtful in a file. Positions are 1-based; columns count characters. */
export interface Diagnostic {
  readonly severity: 'error' | 'warning';
  /** Stable word for the kind of finding, e.g. `unknown-directive`. */
  readonly code: string;
  readonly path: string;
  /** 0 when the finding belongs to no line (the file cannot be read). */
  readonly line: number;
  readonly column: number;
  /** Number of characters that the caret underlines; at least 1. */
  readonly length: number;
  /** `checkinterval: expected a whole number of seconds >= 1, got "soon"`. */
  readonly message: string;
  /** The line itself, for the caret display. */
  readonly source: string;
}

/**
 * The one-line form.
 *
 * @returns `conf/www.cf:12:5: checkinterval: expected ...`
 */
export function diagnosticLine(d: Diagnostic): string {
  const where = d.line === 0 ? d.path : `${d.path}:${d.line}:${d.column}`;
  return d.severity === 'warning' ? `${where}: warning: ${d.message}` : `${where}: ${d.message}`;
}
