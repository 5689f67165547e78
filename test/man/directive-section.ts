import {
  findParameter,
  type Parameter,
  parameterNames,
} from '../../src/config/ldirectord/check-parameters.ts';
import { checkWordNames, checkWords } from '../../src/config/ldirectord/check-words.ts';
import type { Directive } from '../../src/config/ldirectord/directive.ts';
import { directives } from '../../src/config/ldirectord/directives.ts';

/** Headings of the manual, each before the directive that it begins with. */
const headings: ReadonlyMap<string, string> = new Map([
  ['virtual', 'Servers'],
  ['checkinterval', 'When checks run, and what comes of them'],
  ['checktype', 'What is checked'],
  ['scheduler', 'How the kernel balances'],
  ['emailalert', 'Alerts and commands'],
  ['autoreload', 'The daemon'],
  ['timeout', 'Refused'],
]);

const scopes = { global: 'Global', virtual: 'Section', both: 'Global or section' } as const;

const known = Object.entries<Directive<unknown>>(directives);

/**
 * A page of the manual with its directives, and their differences from ldirectord, as the table has
 * them.
 *
 * @param page roff with the marker comments of both.
 * @throws Error when a marker is missing.
 */
export function withDirectives(page: string): string {
  const blocks = [
    ['directives', directiveLines()],
    ['checks', checkLines()],
    ['parameters', parameterLines()],
    ['differences', differenceLines()],
  ] as const;
  return blocks.reduce((text, [block, lines]) => fill(text, block, lines), page);
}

function fill(page: string, block: string, content: readonly string[]): string {
  const lines = page.split('\n');
  const from = lines.findIndex((line) => line.startsWith(`.\\" BEGIN ${block}:`));
  const to = lines.indexOf(`.\\" END ${block}`);
  if (from < 0 || to < from) {
    throw new Error(`manual page: expected the marker comments of "${block}"`);
  }
  return [...lines.slice(0, from + 1), ...content, ...lines.slice(to)].join('\n');
}

function directiveLines(): readonly string[] {
  return known.flatMap(([name, directive]) => {
    const heading = headings.get(name);
    return [...(heading === undefined ? [] : [`.SS ${heading}`]), ...entryLines(name, directive)];
  });
}

function checkLines(): readonly string[] {
  return checkWordNames.flatMap((word) => {
    const { needs, sentence } = checkWords[word];
    const needed = needs.length === 0 ? [] : [`Needs ${needs.join(' or ')}.`];
    return ['.TP', `.B ${word}`, ...[sentence, ...needed].flatMap(roffLine).slice(1)];
  });
}

function parameterLines(): readonly string[] {
  return [...parameterNames()].flatMap((name) => {
    const parameter = findParameter(name);
    return parameter === undefined ? [] : parameterEntry(name, parameter);
  });
}

function parameterEntry(name: string, parameter: Parameter<unknown>): readonly string[] {
  const { checks, type, default: usual, sentence } = parameter;
  const isForAll = checks.length === checkWordNames.length;
  const facts = [
    `${isForAll ? 'All types' : checks.join(', ')}: ${type.expects}.`,
    `Default: ${usual ?? 'none'}.`,
    sentence,
  ];
  return ['.TP', `.B ${name}`, ...facts.flatMap(roffLine).slice(1)];
}

function differenceLines(): readonly string[] {
  return known.flatMap(([name, { difference, own }]) => {
    const text = own ? notKnown : difference;
    return text === undefined ? [] : ['.TP', `.B ${name}`, ...roffLine(text).slice(1)];
  });
}

const notKnown = 'Not known to ldirectord, which refuses a file that has it.';

function entryLines(name: string, directive: Directive<unknown>): readonly string[] {
  const facts =
    directive.removed === undefined
      ? [
          `${scopes[directive.scope]}: ${directive.type.expects}.`,
          `Default: ${defaultOf(name, directive)}.`,
        ]
      : [`${scopes[directive.scope]}: refused.`];
  return ['.TP', `.B ${name}`, ...[...facts, directive.sentence].flatMap(roffLine).slice(1)];
}

function defaultOf(name: string, { default: value, defaultText }: Directive<unknown>): string {
  if (defaultText !== undefined) return defaultText;
  if (value === undefined) return 'none';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'number' || typeof value === 'string') return String(value);
  throw new Error(`directive "${name}": expected a "defaultText"`);
}

/** Text after a line break of its own, safe in roff: groff_char(7). */
function roffLine(text: string): readonly string[] {
  const safe = text
    .replaceAll('\\', '\\e')
    .replaceAll('->', '\\->')
    .replaceAll('"', '\\(dq')
    .replaceAll("'", '\\(aq')
    .replaceAll('^', '\\(ha')
    .replaceAll('~', '\\(ti');
  return ['.br', safe.startsWith('.') ? `\\&${safe}` : safe];
}
