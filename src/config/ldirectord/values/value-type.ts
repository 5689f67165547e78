import { z } from 'zod';
import type { ValueReport } from '../report.ts';

/** How ldirectord treats what follows a value on its line. */
export type TrailingText =
  /** Looks only at the front of the value. */
  | 'ignored'
  /** Refuses a comment on a global line. */
  | 'no-comment'
  /** Refuses a comment on a global line, and blanks and CR anywhere. */
  | 'no-blanks'
  /** Takes it into the value. */
  | 'kept';

/** How the value of a directive is written and what it becomes. */
export interface ValueType<T> {
  /** Completes "expected ..."; also for the manual. */
  readonly expects: string;
  /** True when the value may stand in quotes, so that "#" in it is no comment. */
  readonly quotes: boolean;
  /** True when a backslash between the quotes keeps the next character from ending them. */
  readonly escapes?: boolean;
  readonly trailing: TrailingText;
  /**
   * @param text - the value without comment and without blanks at its ends.
   * @returns undefined after an error was reported.
   */
  read(text: string, report: ValueReport): T | undefined;
}

/** A type whose text a zod schema checks and turns into the value. */
export function schemaType<T>(
  schema: z.ZodType<T, string>,
  expects: string,
  trailing: TrailingText = 'ignored',
): ValueType<T> {
  return {
    expects,
    quotes: false,
    trailing,
    read: (text, report) => check(schema, expects, text, report),
  };
}

/** Runs a schema over a text; a mismatch is reported in the house form. */
export function check<T>(
  schema: z.ZodType<T, string>,
  expects: string,
  text: string,
  report: ValueReport,
): T | undefined {
  const result = schema.safeParse(text);
  if (result.success) return result.data;
  const own = result.error.issues.find((issue) => issue.code === 'custom');
  // zod's own word for a refinement that says nothing
  const reason = own === undefined || own.message === 'Invalid input' ? '' : `; ${own.message}`;
  report.error('value', `expected ${expects}, ${got(text)}${reason}`);
  return undefined;
}

/** `got "soon"`, or `got nothing`. */
export function got(text: string): string {
  return text === '' ? 'got nothing' : `got "${text}"`;
}

/** Decimal digits and nothing else, within a range. */
export function digits(min: number, max: number): z.ZodType<number, string> {
  return z.string().regex(/^\d+$/).transform(Number).pipe(z.number().int().min(min).max(max));
}
