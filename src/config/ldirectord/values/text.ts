import { commandWords, shellSign } from '../../command-words.ts';
import { hasNestedRepeats } from '../../nested-repeats.ts';
import { compileReceive } from '../../receive.ts';
import { messageOf } from '../../system-error.ts';
import { typographicQuotes } from '../lexer.ts';
import type { ValueReport } from '../report.ts';
import { got, type ValueType } from './value-type.ts';

/** Text between double quotes: from the first to the last one on the line, without escapes. */
export function quoted(expects: string): ValueType<string> {
  return {
    expects: `${expects} in double quotes`,
    quotes: true,
    trailing: 'ignored',
    read: (text, report) => readQuoted(text, expects, 'assumed', report),
  };
}

/** As `quoted`, or the bare rest of the line. */
export function quotedOrBare(expects: string): ValueType<string> {
  return {
    expects,
    quotes: true,
    trailing: 'kept',
    read: (text, report) => readQuoted(text, expects, 'allowed', report),
  };
}

/** A command with its arguments, quoted or bare; it will be run without a shell. */
export function commandLine(expects: string): ValueType<string> {
  const type = quotedOrBare(expects);
  return {
    ...type,
    read(value, report) {
      const text = type.read(value, report);
      if (text === undefined) return undefined;
      if (commandWords(text) === undefined) {
        report.error('command', `expected ${expects}, got "${text}" with a quote left open`);
        return undefined;
      }
      const sign = shellSign(text);
      if (sign !== undefined) {
        const message = `run without a shell, "${sign}" means itself; write sh -c '...' for more`;
        report.warn('command', message);
      }
      return text;
    },
  };
}

/** As another type of text, but an empty value is accepted and means nothing. */
export function orEmpty(type: ValueType<string>): ValueType<string> {
  return {
    ...type,
    read(text, report) {
      if (text !== '' && text !== '""') return type.read(text, report);
      report.warn('value', 'empty, read as not given');
      return '';
    },
  };
}

/** The rest of the line as it is, quotes included. */
export function restOfLine(expects: string): ValueType<string> {
  return {
    expects,
    quotes: false,
    trailing: 'kept',
    read(text, report) {
      if (text !== '') return text;
      report.error('value', `expected ${expects}, got nothing`);
      return undefined;
    },
  };
}

/** The regular expression of `receive`, as source text; that it compiles is seen to here. */
export function pattern(): ValueType<string> {
  const text = quoted('a regular expression');
  return {
    ...text,
    read(value, report) {
      const source = text.read(value, report);
      return source === undefined || isPattern(source, report) ? source : undefined;
    },
  };
}

/** Reports what is wrong with the source of a regular expression. */
export function isPattern(source: string, report: ValueReport): boolean {
  try {
    if (hasNestedRepeats(compileReceive(source))) {
      const message = `"${source}" repeats what repeats itself: an answer that nearly matches takes too long to search, and counts as failed then`;
      report.warn('slow-receive', message);
    }
    return true;
  } catch (error) {
    const reason = messageOf(error);
    report.error('pattern', `expected a regular expression, got "${source}": ${reason}`);
    return false;
  }
}

function readQuoted(
  text: string,
  expects: string,
  bare: 'allowed' | 'assumed',
  report: ValueReport,
): string | undefined {
  const content = contentOf(text, expects, bare, report);
  if (content !== '') return content;
  report.error('value', `expected ${expects}, ${text === '' ? got(text) : 'got an empty text'}`);
  return undefined;
}

function contentOf(
  text: string,
  expects: string,
  bare: 'allowed' | 'assumed',
  report: ValueReport,
): string | undefined {
  const first = text.charAt(0);
  if (first === '"' && text.lastIndexOf('"') > 0) return between(text, '"', report);
  if (first !== '' && `"${typographicQuotes}`.includes(first)) {
    return betweenTypographic(text, expects, report);
  }
  if (bare === 'allowed' || text === '') return text;
  if (/^'[^']+'$/.test(text)) {
    report.assume('quotes', 'single quotes read as double quotes');
    return text.slice(1, -1);
  }
  if (text.includes('"')) {
    report.error('value', `expected ${expects} in double quotes, ${got(text)}`);
    return undefined;
  }
  report.assume('quotes', `text without quotes, read as "${text}"`);
  return text;
}

function betweenTypographic(
  text: string,
  expects: string,
  report: ValueReport,
): string | undefined {
  const marks = `"${typographicQuotes}`;
  const last = Array.from(text, (c) => marks.includes(c)).lastIndexOf(true);
  if (last <= 0) {
    report.error('value', `expected ${expects}, got "${text.slice(1)}" without a closing quote`);
    return undefined;
  }
  report.assume('quotes', 'typographic quotes read as "');
  return between(text, marks, report);
}

/** What stands between the first character and the last that is one of `marks`. */
function between(text: string, marks: string, report: ValueReport): string {
  let last = text.length - 1;
  while (!marks.includes(text.charAt(last))) last--;
  if (last < text.length - 1) {
    const at = { start: last + 1, end: text.length };
    report.warn('trailing-text', `text after the closing quote is ignored`, at);
  }
  return text.slice(1, last);
}
