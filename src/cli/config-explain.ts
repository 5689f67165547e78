import { parseArgs } from 'node:util';
import type { Directive } from '../config/ldirectord/directive.ts';
import { directiveNames, findDirective } from '../config/ldirectord/directives.ts';
import { didYouMean } from '../config/nearest.ts';
import { type TimeSpan, timings } from '../config/timing.ts';
import { columns } from '../status/columns.ts';
import { CliError } from './cli-error.ts';
import { readConfig, wrongArguments } from './config-file.ts';
import { exitCodes } from './exit-codes.ts';

/**
 * `ipvsd config explain [DIRECTIVE]`: the entry of a directive, or all directives in a line each;
 * `ipvsd config explain timing FILE`: how fast failures and recoveries are noticed.
 *
 * @throws CliError with exit code 1 for a name that is no directive, 2 for a file with errors.
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
  process.stdout.write(word === undefined ? allText() : directiveText(word));
  return exitCodes.ok;
}

function allText(): string {
  const rows = [...directiveNames()].map((name) => [name, findDirective(name)?.sentence ?? '']);
  return `${columns(rows)}\n`;
}

/** @throws CliError for a name that is no directive. */
export function directiveText(name: string): string {
  const directive = findDirective(name);
  if (directive === undefined) {
    const hint = didYouMean(name, directiveNames());
    throw new CliError(`config explain: no directive "${name}"${hint}`, exitCodes.failure);
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
  return `${places[directive.scope]}${times}`;
}

function defaultText({ default: value, defaultText }: Directive<unknown>): string {
  if (defaultText !== undefined) return defaultText;
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return typeof value === 'string' || typeof value === 'number' ? `${value}` : 'none';
}

function difference({ own, removed, deprecated, difference }: Directive<unknown>): string {
  if (own) return 'does not know it';
  return removed ?? difference ?? deprecated ?? 'no difference';
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
