import { hasControl } from './control-characters.ts';
import type { Findings, Place } from './finding.ts';
import type { SourceLine } from './source-lines.ts';

/** A keyword with its parameters, and the block that it opens. */
export interface Statement extends Place {
  readonly keyword: string;
  /** Parameters, quotes taken off. */
  readonly words: readonly string[];
  /** The parameters as they are written. */
  readonly raw: string;
  readonly block?: readonly Statement[];
}

interface OpenStatement extends Statement {
  block?: Statement[];
}

/** Their parameters have quotes of both kinds, and backslashes. */
const rawKeyword = /^(notify_(up|down)|quorum_(up|down)|misc_path|\w+_script|regex)$/;

const blanks = ' \t\f\v\r\n';

/**
 * Lines to nested statements. `{` and `}` outside of double quotes are words of their own, even
 * glued to another; the `{` of a statement may stand in a line below it.
 */
export function readTree(lines: readonly SourceLine[], findings: Findings): readonly Statement[] {
  const root: Statement[] = [];
  /** The statements that are open, each with the block that is being filled. */
  const open: { readonly head: OpenStatement; readonly block: Statement[] }[] = [];
  let last: OpenStatement | undefined;
  for (const line of lines) {
    for (let at = skipBlanks(line.text, 0); at < line.text.length; at = skipBlanks(line.text, at)) {
      const c = line.text.charAt(at);
      if (c === '{') {
        if (last === undefined || last.block !== undefined) {
          findings.add('error', line, '{', 'expected a keyword before it');
          return root;
        }
        const block: Statement[] = [];
        last.block = block;
        open.push({ head: last, block });
        last = undefined;
        at++;
      } else if (c === '}') {
        if (open.pop() === undefined) findings.add('error', line, '}', 'closes no block');
        last = undefined;
        at++;
      } else {
        const end = statementEnd(line.text, at);
        last = readStatement(line, line.text.slice(at, end), findings);
        (open.at(-1)?.block ?? root).push(last);
        at = end;
      }
    }
  }
  for (const { head } of open) {
    findings.add('error', head, head.keyword, 'expected "}" at the end of its block');
  }
  return root;
}

/** All statements of these names, in the order of the file. */
export function allOf(
  block: readonly Statement[],
  ...names: readonly string[]
): readonly Statement[] {
  return block.filter(({ keyword }) => names.includes(keyword));
}

function skipBlanks(text: string, from: number): number {
  let at = from;
  while (at < text.length && blanks.includes(text.charAt(at))) at++;
  return at;
}

/** Where a statement that begins at `start` ends: at a brace or the end of the line. */
function statementEnd(text: string, start: number): number {
  const keyword = /^[^\s{}]*/.exec(text.slice(start))?.[0] ?? '';
  const isRaw = rawKeyword.test(keyword);
  let quote = '';
  for (let at = start; at < text.length; at++) {
    const c = text.charAt(at);
    if (isRaw && c === '\\') at++;
    else if (quote !== '') quote = c === quote ? '' : quote;
    else if (c === '"' || (isRaw && c === "'")) quote = c;
    else if (c === '{' || c === '}') return at;
  }
  return text.length;
}

function readStatement(place: Place, text: string, findings: Findings): OpenStatement {
  const { file, line } = place;
  const words: string[] = [];
  for (const [, quoted, plain = '', open] of text.matchAll(/"([^"]*)"|([^\s"]+)|"([^"]*)$/g)) {
    if (open !== undefined) {
      findings.add('error', place, text.trim(), 'expected a closing quote');
    }
    words.push(quoted ?? open ?? plain);
  }
  const [keyword = '', ...parameters] = words;
  if ([keyword, ...parameters].some(hasControl)) {
    findings.add('error', place, keyword, 'expected words without control characters');
  }
  const raw = text.replace(/^("[^"]*"|[^\s"]+)\s*/, '').trimEnd();
  return { file, line, keyword, words: parameters, raw };
}
