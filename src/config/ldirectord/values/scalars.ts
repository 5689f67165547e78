import { z } from 'zod';
import { didYouMean } from '../../nearest.ts';
import type { ValueReport } from '../report.ts';
import { check, digits, got, schemaType, type ValueType } from './value-type.ts';

/** Longest time that a Node timer can wait: 2^31-1 ms. */
const maxSeconds = 2_147_483;

/**
 * Digits and nothing else. (ldirectord takes the first run of digits anywhere in the value, so
 * that "abc5x" is 5 there; here it is an error.)
 *
 * @param of - unit in the plural, e.g. `seconds`.
 */
export function wholeNumber(min: number, max: number, of = ''): ValueType<number> {
  const range = max === Number.MAX_SAFE_INTEGER ? `>= ${min}` : `${min}..${max}`;
  return number(min, max, `a whole number${of === '' ? '' : ` of ${of}`} ${range}`);
}

/** A span of time in whole seconds, at least one. */
export function seconds(): ValueType<number> {
  return number(1, maxSeconds, 'a whole number of seconds >= 1');
}

/** A span of time in whole seconds, where 0 stands for none. */
export function secondsOrNone(): ValueType<number> {
  return number(0, maxSeconds, 'a whole number of seconds >= 0');
}

/**
 * A span of time in seconds, fractions allowed; the value is milliseconds, at least one unless the
 * text says 0.
 *
 * @param least - `more`: it must be more than 0.
 */
export function someSeconds(least: 'more' | 'or none'): ValueType<number> {
  const schema = z
    .string()
    .regex(/^\d+(\.\d+)?s?$/)
    .transform((text) => Number(text.replace('s', '')))
    .pipe(least === 'more' ? z.number().positive().max(maxSeconds) : z.number().max(maxSeconds))
    .transform((s) => (s === 0 ? 0 : Math.max(1, Math.round(s * 1000))));
  return schemaType(schema, `a number of seconds ${least === 'more' ? '> 0' : '>= 0'}`);
}

/** As `secondsOrNone`, where ldirectord wants the digits at the very start. */
export function bareSeconds(): ValueType<number> {
  return schemaType(digits(0, maxSeconds), 'a whole number of seconds >= 0');
}

/** Exactly `yes` or `no`. */
export function yesNo(): ValueType<boolean> {
  const schema = z.enum(['yes', 'no']).transform((word) => word === 'yes');
  return schemaType(z.string().pipe(schema), '"yes" or "no"', 'no-blanks');
}

/** One of a set of words. */
export function oneOf<const W extends string>(words: readonly W[]): ValueType<W> {
  const expects = `one of ${words.join(', ')}`;
  const schema = z.string().pipe(z.enum(words));
  return {
    expects,
    quotes: false,
    trailing: 'ignored',
    read(text, report) {
      const word = stripQuotes(text, report);
      const result = schema.safeParse(word);
      if (result.success) return result.data;
      report.error('value', `expected ${expects}, ${got(word)}${didYouMean(word, words)}`);
      return undefined;
    },
  };
}

/** Words with commas between them, each one of a set. */
export function listOf<const W extends string>(words: readonly W[]): ValueType<readonly W[]> {
  const expects = `a comma-separated list of ${words.join(', ')}`;
  const word = z.enum(words);
  return schemaType(
    z
      .string()
      .transform((text) => text.split(',').map((part) => part.trim()))
      .pipe(z.array(word)),
    expects,
  );
}

/** Takes off quotes around a value that needs none; ldirectord looks past them as well. */
export function stripQuotes(text: string, report: ValueReport): string {
  const [, inner] = /^"([^"]*)"$/.exec(text) ?? [];
  if (inner === undefined) return text;
  report.warn('quotes', `quotes are not needed, read as ${inner}`);
  return inner.trim();
}

function number(min: number, max: number, expects: string): ValueType<number> {
  const schema = digits(min, max);
  return {
    expects,
    quotes: false,
    trailing: 'ignored',
    read(text, report) {
      const bare = stripQuotes(text, report);
      const tooBig = /^\d+$/.test(bare) && Number(bare) > max && !expects.includes('..');
      return check(schema, tooBig ? `${expects} and <= ${max}` : expects, bare, report);
    },
  };
}
