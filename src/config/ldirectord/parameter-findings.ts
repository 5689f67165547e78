import type { CheckBlock } from './check-block.ts';
import {
  findParameter,
  type Parameter,
  parameters as p,
  parametersOf,
} from './check-parameters.ts';
import type { CheckWord } from './check-words.ts';
import { givenParameter, parameterSetting } from './parameter-settings.ts';
import { nameStretch, type Report } from './report.ts';
import type { Block, DirectiveLine } from './syntax.ts';

/** Reports parameters that the type of check does not have, that repeat, or that lack their `path`. */
export function reportParameters(
  { head, parameters }: Block,
  word: CheckWord,
  report: Report,
): void {
  const seen = new Map<string, DirectiveLine>();
  let inUrl = false;
  for (const line of parameters) {
    const parameter = findParameter(line.name);
    if (parameter === undefined) continue;
    if (line.name === 'path' && word !== 'file') {
      inUrl = true;
      for (const name of seen.keys()) if (isAboutUrl(name)) seen.delete(name);
    }
    const message =
      wrongPlace(line, head, parameter, word) ??
      (parameter.ofUrl && !inUrl ? `expected below the "path" that it is about` : undefined) ??
      repetition(line, seen, parameter, word);
    if (message !== undefined) complain(line, message, report);
    else seen.set(line.name, line);
  }
}

function isAboutUrl(name: string): boolean {
  return findParameter(name)?.ofUrl === true || name === 'virtualhost';
}

function wrongPlace(
  line: DirectiveLine,
  head: DirectiveLine,
  { checks }: Parameter<unknown>,
  word: CheckWord,
): string | undefined {
  if (line.name === 'type') {
    if (head.name === 'definecheck') return undefined;
    return `belongs to definecheck, here "${head.name} = ${head.value}" says what is checked`;
  }
  if (checks.includes(word)) return undefined;
  const known = parametersOf(word).filter((name) => name !== 'type');
  return `no parameter of type ${word}, expected one of ${known.join(', ')}`;
}

function repetition(
  { name }: DirectiveLine,
  seen: ReadonlyMap<string, DirectiveLine>,
  { repeats }: Parameter<unknown>,
  word: CheckWord,
): string | undefined {
  const other = { regex: 'regexnot', regexnot: 'regex' }[name];
  const contrary = other === undefined ? undefined : seen.get(other);
  if (contrary !== undefined) {
    return `expected only one of regex and regexnot for a page, line ${contrary.number} has the other`;
  }
  const first = seen.get(name);
  if (first === undefined) return undefined;
  // what repeats: pages of http, and the steps of a dialogue
  if (repeats === true && word !== 'file' && word !== 'agent') return undefined;
  return `expected once, line ${first.number} has it already`;
}

const tlsWords = ['verify', 'cafile', 'sni', 'clientcert', 'clientkey', 'certwarn'] as const;

/** Reports parameters that have no effect beside the others, or contradict them. */
export function reportCombinations({ word, common }: CheckBlock, report: Report): void {
  if (word === 'tcp' && givenParameter(p.tls, common) !== true) {
    for (const line of linesOf(tlsWords, common))
      complain(line, 'counts with "tls = yes" only', report);
  }
  if (word === 'dialogue' && givenParameter(p.transport, common) !== 'tls') {
    const message = 'counts with "transport = tls" only';
    for (const line of linesOf(tlsWords, common)) complain(line, message, report);
  }
  if (word === 'udp') reportReply(common, report);
}

function reportReply(common: CheckBlock['common'], report: Report): void {
  const required = givenParameter(p.requirereply, common);
  const isAsked = required ?? linesOf(['reply'], common).length > 0;
  if (!isAsked) {
    const message = 'counts with "requirereply = yes" only';
    for (const line of linesOf(['reply', 'minreply', 'maxreply'], common))
      complain(line, message, report);
    return;
  }
  const min = parameterSetting(p.minreply, common);
  const max = givenParameter(p.maxreply, common);
  if (min !== undefined && max !== undefined && min.value > max) {
    complain(min.line, `expected at most maxreply, ${max}, got "${min.value}"`, report);
  }
}

/** A test for lines of one of these names. */
export function hasName(names: readonly string[]): (line: DirectiveLine) => boolean {
  return (line) => names.includes(line.name);
}

function linesOf(names: readonly string[], common: CheckBlock['common']): readonly DirectiveLine[] {
  return common.flat().filter(hasName(names));
}

function complain(line: DirectiveLine, message: string, report: Report): void {
  report.error(line, 'parameter', `${line.name}: ${message}`, nameStretch(line));
}
