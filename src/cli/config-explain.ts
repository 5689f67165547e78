import { parseArgs } from 'node:util';
import { negotiateServices } from '../config/check-model.ts';
import { findParameter, parameterNames } from '../config/ldirectord/check-parameters.ts';
import { checkWordNames, findCheckWord } from '../config/ldirectord/check-words.ts';
import type { Directive } from '../config/ldirectord/directive.ts';
import { directiveNames, findDirective } from '../config/ldirectord/directives.ts';
import { plainCheckTypes } from '../config/ldirectord/values/words.ts';
import { didYouMean } from '../config/nearest.ts';
import { type TimeSpan, timings } from '../config/timing.ts';
import { columns } from '../status/columns.ts';
import { CliError } from './cli-error.ts';
import { readConfig, wrongArguments } from './config-file.ts';
import { exitCodes } from './exit-codes.ts';
import { checkTypesText, checkTypeText, parameterText } from './explain-check.ts';

/**
 * `ipvsd config explain [WORD]`: the entry of a directive, of a type of check or of a parameter of
 * checks, what a value of checktype or service belongs to, or all directives in a line each;
 * `ipvsd config explain timing FILE`: how fast failures and recoveries are noticed.
 *
 * @throws CliError with exit code 1 for a word that is none of these, 2 for a file with errors.
 */
export async function configExplain(args: readonly string[]): Promise<number> {
  const { positionals } = parseArgs({ args: [...args], allowPositionals: true });
  const [word, file, ...surplus] = positionals;
  if (word === 'timing') {
    if (file === undefined || surplus.length > 0) {
      return wrongArguments('explain timing', 'exactly one FILE');
    }
    return explainTiming(file);
  }
  if (file !== undefined) return wrongArguments('explain', 'one DIRECTIVE, or timing FILE');
  process.stdout.write(word === undefined ? allText() : wordText(word));
  return exitCodes.ok;
}

function allText(): string {
  const rows = [...directiveNames()].map((name) => [name, findDirective(name)?.sentence ?? '']);
  return `${columns(rows)}\n`;
}

/** A word may be a directive and a parameter of checks as well. */
function wordText(name: string): string {
  const directive = findDirective(name);
  const parameter = findParameter(name);
  const word = findCheckWord(name);
  const texts = [
    ...(directive === undefined ? [] : [directiveText(name)]),
    ...(directive?.opensBlock ? [checkTypesText()] : []),
    ...valueTexts(name),
    ...(word === undefined ? [] : [checkTypeText(word)]),
    ...(parameter === undefined ? [] : [parameterText(name, parameter)]),
  ];
  if (texts.length > 0) return texts.join('\n');
  throw unknownWord(name);
}

/** Words of ldirectord that the manual explains together. */
const valueWords: readonly (readonly [string, readonly string[]])[] = [
  ['checktype', plainCheckTypes],
  ['service', negotiateServices],
];

function valueTexts(name: string): readonly string[] {
  return valueWords.flatMap(([directive, words]) => {
    if (!words.includes(name)) return [];
    const sentence = findDirective(directive)?.sentence;
    const see = columns([['see', 'Checks in ipvsd.cf(5)']]);
    return [`${name}, a value of ${directive}: ${sentence}\n${see}\n`];
  });
}

function unknownWord(name: string): CliError {
  const values = valueWords.flatMap(([, words]) => words);
  const known = [...directiveNames(), ...checkWordNames, ...parameterNames(), ...values];
  const hint = didYouMean(name, known);
  return new CliError(`config explain: no directive "${name}"${hint}`, exitCodes.failure);
}

/** @throws CliError for a name that is no directive. */
export function directiveText(name: string): string {
  const directive = findDirective(name);
  if (directive === undefined) throw unknownWord(name);
  if (directive.removed !== undefined) {
    return `${name}: ${directive.sentence}\n${columns([['refused', directive.removed]])}\n`;
  }
  const rows = [
    ['stands', stands(directive)],
    ['value', directive.type.expects],
    ['default', defaultText(directive)],
    ['ldirectord', difference(directive)],
  ];
  return `${name}: ${directive.sentence}\n${columns(rows)}\n`;
}

function stands(directive: Directive<unknown>): string {
  if (directive.opensSection)
    return 'at the start of a line, and opens the section of a virtual server';
  const places = {
    global: 'before or between the sections, for all of them',
    virtual: 'in the section of a virtual server',
    both: 'before or between the sections, for all of them; in a section for that one',
  } as const;
  const times = directive.repeats ? '; each line adds one' : '';
  const below = directive.ofServer
    ? ', or below the line of a server, and deeper, for that one'
    : '';
  return `${places[directive.scope]}${below}${times}`;
}

function defaultText({ default: value, defaultText }: Directive<unknown>): string {
  if (defaultText !== undefined) return defaultText;
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return typeof value === 'string' || typeof value === 'number' ? `${value}` : 'none';
}

function difference({ own, deprecated, difference }: Directive<unknown>): string {
  if (own) return 'does not know it';
  return difference ?? deprecated ?? 'no difference';
}

const timingNotes = `
typical: the server refuses or answers at once, and changes midway between two checks
worst: it changes just after a check was sent, and each check takes all the time it has
`;

async function explainTiming(file: string): Promise<number> {
  const { config } = await readConfig(file);
  const rows = timings(config).map(({ virtual, detection, recovery }) => [
    virtual,
    ...spanCells(detection),
    ...spanCells(recovery),
  ]);
  const head = ['virtual server', 'out: typical', 'worst', 'in again: typical', 'worst'];
  process.stdout.write(`${columns([head, ...rows])}\n${timingNotes}`);
  return exitCodes.ok;
}

function spanCells(span: TimeSpan | undefined): readonly string[] {
  return span === undefined ? ['never', 'never'] : [seconds(span.typicalMs), seconds(span.worstMs)];
}

function seconds(ms: number): string {
  return `${ms / 1000} s`;
}
