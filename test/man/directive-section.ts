import type { Directive } from '../../src/config/ldirectord/directive.ts';
import { directives } from '../../src/config/ldirectord/directives.ts';

const begin = '.\\" BEGIN directives';
const end = '.\\" END directives';

/** Headings of the manual, each before the directive that it begins with. */
const headings: ReadonlyMap<string, string> = new Map([
  ['virtual', 'Servers'],
  ['checkinterval', 'When checks run, and what comes of them'],
  ['checktype', 'What is checked'],
  ['scheduler', 'How the kernel balances'],
  ['emailalert', 'Alerts and commands'],
  ['autoreload', 'The daemon'],
  ['timeout', 'Gone'],
]);

const scopes = { global: 'Global', virtual: 'Section', both: 'Global or section' } as const;

/**
 * A page of the manual with its directives as the table has them.
 *
 * @param page roff with the two marker comments.
 * @throws Error when a marker is missing.
 */
export function withDirectives(page: string): string {
  const lines = page.split('\n');
  const from = lines.findIndex((line) => line.startsWith(begin));
  const to = lines.indexOf(end);
  if (from < 0 || to < from) {
    throw new Error(`manual page: expected a line "${begin}" and later a line "${end}"`);
  }
  return [...lines.slice(0, from + 1), ...directiveLines(), ...lines.slice(to)].join('\n');
}

function directiveLines(): readonly string[] {
  const known = Object.entries<Directive<unknown>>(directives);
  return known.flatMap(([name, directive]) => {
    const heading = headings.get(name);
    return [...(heading === undefined ? [] : [`.SS ${heading}`]), ...entryLines(name, directive)];
  });
}

function entryLines(name: string, directive: Directive<unknown>): readonly string[] {
  const facts =
    directive.removed === undefined
      ? [
          `${scopes[directive.scope]}: ${directive.type.expects}.`,
          `Default: ${defaultOf(directive)}.`,
        ]
      : [`${scopes[directive.scope]}: refused.`];
  return ['.TP', `.B ${name}`, ...[...facts, directive.sentence].flatMap(roffLine).slice(1)];
}

function defaultOf({ default: value, defaultText }: Directive<unknown>): string {
  if (defaultText !== undefined) return defaultText;
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'number' || typeof value === 'string') return String(value);
  if (value === undefined) return 'none';
  throw new Error(`default: expected text for ${JSON.stringify(value)}, found none`);
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
