import { isIP } from 'node:net';
import type { HttpGetCheck, HttpUrl } from '../../config/block-checks.ts';
import { type OptionForm, readOptions, type Word } from './getopt.ts';

/** What `genhash` is asked to do. */
export interface GenhashOptions {
  /** Address or name, as written. */
  readonly server: string;
  readonly port: number;
  /** At least one, as written. */
  readonly paths: readonly string[];
  readonly tls: boolean;
  readonly sni: boolean;
  /** Host header, verbatim; absent: address and port. */
  readonly virtualhost?: string;
  readonly protocol: HttpGetCheck['protocol'];
  /** For each step; absent: no limit. */
  readonly timeoutMs?: number;
  readonly verbose: boolean;
  readonly algorithm: 'md5' | 'sha256';
  /** Status codes that are wanted; absent: any. */
  readonly statuses?: HttpUrl['statuses'];
  readonly output: 'digest' | 'lines' | 'diff';
  readonly compat: boolean;
}

/** A command line that cannot be carried out. `compatText` is what keepalived says then, if anything. */
export interface WrongCall {
  readonly kind: 'wrong';
  readonly message: string;
  readonly compatText?: string;
}

export type GenhashCall =
  | { readonly kind: 'help' }
  | WrongCall
  | { readonly kind: 'fetch'; readonly options: GenhashOptions };

/** keepalived's options, and after these our own. */
export const optionForms: readonly OptionForm[] = [
  { long: 'server', short: 's', takesValue: true },
  { long: 'port', short: 'p', takesValue: true },
  { long: 'url', short: 'u', takesValue: true },
  { long: 'use-ssl', short: 'S', takesValue: false },
  { long: 'use-sni', short: 'I', takesValue: false },
  { long: 'use-virtualhost', short: 'V', takesValue: true },
  { long: 'verbose', short: 'v', takesValue: false },
  { long: 'fwmark', short: 'm', takesValue: true },
  { long: 'protocol', short: 'P', takesValue: true },
  { long: 'timeout', short: 't', takesValue: true },
  { long: 'help', short: 'h', takesValue: false },
  { long: 'sha256', takesValue: false, written: true },
  { long: 'status', takesValue: true, written: true },
  { long: 'lines', takesValue: false, written: true },
  { long: 'diff', takesValue: false, written: true },
  { long: 'compat', takesValue: false, written: true },
];

const protocols: Readonly<Record<string, HttpGetCheck['protocol']>> = {
  '1.0': '1.0',
  '1.0c': '1.0C',
  '1.0C': '1.0C',
  '1.1': '1.1',
};

const ownOptions = ['sha256', 'status', 'lines', 'diff'] as const;

/** Reads the command line of `genhash`, without the program's name. The first fault counts. */
export function readCall(args: readonly string[]): GenhashCall {
  const words = readOptions(args, optionForms);
  for (const word of words) {
    if (word.kind === 'option' && word.long === 'help') return { kind: 'help' };
    const fault = faultOf(word, isGiven(words, 'compat'));
    if (fault !== undefined) return fault;
  }
  const stray = words.flatMap((word) => (word.kind === 'argument' ? [word.text] : []));
  if (stray.length > 0) {
    const [first] = stray;
    return wrong(
      `expected options only, got "${first}"`,
      `Unexpected argument(s): ${stray.join(' ')}`,
    );
  }
  return complete(words) ?? { kind: 'fetch', options: optionsOf(words) };
}

/** What is wrong with one option by itself. */
function faultOf(word: Word, compat: boolean): WrongCall | undefined {
  if (word.kind === 'argument') return undefined;
  if (word.kind === 'unknown') {
    return wrong(`unknown option "${word.text}"`, `Unknown option ${word.text}`);
  }
  if (word.kind === 'no-value') {
    return wrong(`${word.text}: expected a value`, `Missing parameter for option ${word.text}`);
  }
  const { long, value } = word;
  const refuse = (expected: string, compatText: string): WrongCall =>
    wrong(`--${long}: expected ${expected}, got "${value}"`, `${compatText} '${value}'`);
  switch (long) {
    case 'server':
      if (compat && (isIP(value) === 0 || value.includes('%'))) {
        return wrong('', `server should be an IP, not ${value}`);
      }
      return value === '' ? refuse('an address or a name', '') : undefined;
    case 'port':
      return isWhole(value, 1, 65_535) ? undefined : refuse('1 to 65535', 'invalid port number');
    case 'protocol':
      if (Object.hasOwn(protocols, value)) return undefined;
      return refuse('1.0, 1.0c or 1.1', 'invalid HTTP protocol version');
    case 'timeout':
      if (isWhole(value, 1, Number.POSITIVE_INFINITY)) return undefined;
      return refuse('a whole number of seconds >= 1', 'invalid timeout');
    case 'fwmark':
      if (!isWhole(value, 0, Number.POSITIVE_INFINITY)) return refuse('a number', 'invalid fwmark');
      return wrong('--fwmark: cannot be set: Node.js gives no access to SO_MARK');
    case 'status':
      return readStatuses(value) ? undefined : refuse('codes and ranges such as "200 301-302"', '');
    default:
      return undefined;
  }
}

/** What is wrong with the options together. */
function complete(words: readonly Word[]): WrongCall | undefined {
  const missing = ['server', 'port', 'url'].filter((long) => !isGiven(words, long));
  if (missing.length > 0) {
    return wrong(`expected ${missing.map((long) => `--${long}`).join(', ')}, see --help`, '');
  }
  const own = ownOptions.filter((long) => isGiven(words, long));
  if (isGiven(words, 'compat') && own.length > 0) {
    return wrong(`--compat: expected only options that keepalived has, got "--${own[0]}"`);
  }
  const shapes = ['lines', 'diff', 'verbose'].filter((long) => isGiven(words, long));
  if (shapes.length > 1) return wrong(`expected one of --${shapes.join(' and --')}, got both`);
  const relative = valuesOf(words, 'url').find((path) => !path.startsWith('/'));
  if (isGiven(words, 'lines') && relative !== undefined) {
    return wrong(`--lines: expected PATHs that begin with "/", got "${relative}"`);
  }
  return undefined;
}

function optionsOf(words: readonly Word[]): GenhashOptions {
  const last = (long: string): string | undefined => valuesOf(words, long).at(-1);
  const has = (long: string): boolean => isGiven(words, long);
  const [virtualhost, timeout, status] = [last('use-virtualhost'), last('timeout'), last('status')];
  const statuses = status === undefined ? undefined : readStatuses(status);
  const compat = has('compat');
  const paths = valuesOf(words, 'url');
  return {
    server: last('server') ?? '',
    port: Number(last('port')),
    paths: compat ? paths.slice(-1) : paths,
    tls: has('use-ssl'),
    sni: has('use-sni'),
    ...(virtualhost !== undefined && { virtualhost }),
    protocol: protocols[last('protocol') ?? ''] ?? '1.0',
    ...(timeout !== undefined && { timeoutMs: Math.min(Number(timeout) * 1000, longestTimerMs) }),
    verbose: has('verbose'),
    algorithm: has('sha256') ? 'sha256' : 'md5',
    ...(statuses && { statuses }),
    output: has('diff') ? 'diff' : has('lines') ? 'lines' : 'digest',
    compat,
  };
}

/** What setTimeout of Node can wait for. */
const longestTimerMs = 2 ** 31 - 1;

/** "200 301-302", with blanks or commas between. */
function readStatuses(text: string): HttpUrl['statuses'] | undefined {
  const parts = text.split(/[\s,]+/).filter((part) => part !== '');
  const ranges: (readonly [number, number])[] = [];
  for (const part of parts) {
    const [, from, to = from] = /^([1-5]\d\d)(?:-([1-5]\d\d))?$/.exec(part) ?? [];
    if (from === undefined || Number(to) < Number(from)) return undefined;
    ranges.push([Number(from), Number(to)]);
  }
  return ranges.length > 0 ? ranges : undefined;
}

function isWhole(text: string, least: number, most: number): boolean {
  return /^\s*\+?\d+$/.test(text) && Number(text) >= least && Number(text) <= most;
}

function valuesOf(words: readonly Word[], long: string): readonly string[] {
  return words.flatMap((word) => (word.kind === 'option' && word.long === long ? word.value : []));
}

function isGiven(words: readonly Word[], long: string): boolean {
  return words.some((word) => word.kind === 'option' && word.long === long);
}

function wrong(message: string, compatText?: string): WrongCall {
  return { kind: 'wrong', message, ...(compatText !== undefined && { compatText }) };
}
