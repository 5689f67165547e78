import { dnsQueryTypes } from '../block-checks.ts';
import { type CheckWord, checkWordNames } from './check-words.ts';
import {
  absolutePath,
  bodyDigest,
  domainName,
  hexBytes,
  hostHeader,
  replyPattern,
  statusRanges,
  userAndGroup,
  wholeOffset,
} from './values/check-values.ts';
import { escaped, expectPattern } from './values/escaped.ts';
import { ownAddress } from './values/own-address.ts';
import { oneOf, someSeconds, wholeNumber, yesNo } from './values/scalars.ts';
import { commandLine, pattern, quotedOrBare } from './values/text.ts';
import type { ValueType } from './values/value-type.ts';

/** What the program knows about one parameter of check blocks. */
export interface Parameter<T> {
  /** The types of checks that have it. */
  readonly checks: readonly CheckWord[];
  readonly type: ValueType<T>;
  /** How the manual prints the default; absent where there is none. */
  readonly default?: string;
  /** Each line adds one more. */
  readonly repeats?: boolean;
  /** About the `path` above it alone. */
  readonly ofUrl?: boolean;
  readonly sentence: string;
}

const all = checkWordNames;
const connecting = checkWordNames.filter((word) => word !== 'misc' && word !== 'file');
const withPort = connecting.filter((word) => word !== 'ping');
const http: readonly CheckWord[] = ['http', 'https'];
const overTls: readonly CheckWord[] = ['tcp', 'https', 'dialogue'];

/**
 * All parameters of check blocks: the one source of names, types, defaults and sentences, in the
 * order of the manual.
 */
export const parameters = {
  type: {
    checks: all,
    type: oneOf(checkWordNames),
    default: 'dialogue',
    sentence: 'In a definecheck alone: what kind of check it is.',
  },

  // Target
  address: {
    checks: connecting,
    type: ownAddress(),
    default: 'that of the server',
    sentence: 'The address that is checked.',
  },
  port: {
    checks: withPort,
    type: wholeNumber(1, 65_535),
    default: 'that of the server, else that of the virtual server; none for agent',
    sentence: 'The port that is checked.',
  },
  from: {
    checks: connecting,
    type: ownAddress(),
    default: 'that of checkfrom',
    sentence: 'Own address that the check goes out from.',
  },
  timeout: {
    checks: all,
    type: someSeconds('more'),
    default: '5',
    sentence: 'Seconds that one run of the check may take.',
  },

  // Rhythm
  interval: {
    checks: all,
    type: someSeconds('more'),
    default: 'that of checkinterval',
    sentence: 'Seconds from the start of one run to the start of the next.',
  },
  retry: {
    checks: all,
    type: wholeNumber(0, 1_000_000),
    default: 'failurecount - 1',
    sentence: 'How many more failures are borne after the first one.',
  },
  retrydelay: {
    checks: all,
    type: someSeconds('or none'),
    default: 'that of fastinterval, else that of interval',
    sentence: 'As interval, while the check has failed but not often enough, or is coming back.',
  },
  downinterval: {
    checks: all,
    type: someSeconds('more'),
    default: 'that of the directive, else that of interval',
    sentence: 'As interval, while the check is bad.',
  },
  rise: {
    checks: all,
    type: wholeNumber(1, Number.MAX_SAFE_INTEGER),
    default: 'that of the directive',
    sentence: 'Good runs in a row that make a bad check good.',
  },
  warmup: {
    checks: all,
    type: someSeconds('or none'),
    default: '0',
    sentence: 'The first run comes at some moment within this many seconds.',
  },
  alpha: {
    checks: all,
    type: yesNo(),
    default: 'yes, but no for agent',
    sentence:
      'A new server stays out until the first good run (yes), or is in until the first bad one (no).',
  },

  // http, https
  path: {
    checks: [...http, 'file'],
    type: absolutePath(),
    repeats: true,
    sentence:
      'What to get; each line begins a page of its own, and all pages must be good. With file, the path of the file, once.',
  },
  digest: {
    checks: http,
    type: bodyDigest(),
    ofUrl: true,
    default: 'none',
    sentence: 'MD5 or SHA-256 of the page, as "ipvsd genhash" prints it.',
  },
  status: {
    checks: http,
    type: statusRanges(),
    ofUrl: true,
    default: '200-299',
    sentence: 'Good status codes, and ranges of them.',
  },
  regex: {
    checks: http,
    type: pattern(),
    ofUrl: true,
    default: 'none',
    sentence: 'Regular expression that the page must match, as receive.',
  },
  regexnot: {
    checks: http,
    type: pattern(),
    ofUrl: true,
    default: 'none',
    sentence: 'Regular expression that the page must not match, instead of regex.',
  },
  virtualhost: {
    checks: http,
    type: hostHeader(),
    default: 'that of the directive, else the address and port that are checked',
    sentence:
      'Host header, as it stands; before the first path for all pages, below a path for that one.',
  },
  protocol: {
    checks: http,
    type: oneOf(['1.0', '1.0C', '1.1']),
    default: '1.0',
    sentence: 'Version of HTTP; 1.0C is 1.0 with "Connection: close".',
  },

  // TLS
  tls: {
    checks: ['tcp'],
    type: yesNo(),
    default: 'no',
    sentence: 'A TLS handshake must succeed as well.',
  },
  transport: {
    checks: ['dialogue'],
    type: oneOf(['tcp', 'tls', 'udp']),
    default: 'tcp',
    sentence: 'What the texts go over.',
  },
  verify: {
    checks: overTls,
    type: oneOf(['none', 'ca', 'full']),
    default: 'that of the directive, else ca',
    sentence: "What the check demands of the server's certificate, as the directive.",
  },
  cafile: {
    checks: overTls,
    type: quotedOrBare('the path of a file'),
    default: 'that of the directive',
    sentence: 'Certificate authorities that the check trusts, in PEM.',
  },
  sni: {
    checks: overTls,
    type: hostHeader(),
    default: 'that of the directive',
    sentence: 'Server name that the check asks for in TLS.',
  },
  clientcert: {
    checks: overTls,
    type: quotedOrBare('the path of a file'),
    default: 'that of the directive',
    sentence: 'Certificate, in PEM, that the check shows to the server.',
  },
  clientkey: {
    checks: overTls,
    type: quotedOrBare('the path of a file'),
    default: 'that of the directive, else that of clientcert',
    sentence: 'Private key of clientcert, in PEM.',
  },
  certwarn: {
    checks: overTls,
    type: wholeNumber(0, 3650),
    default: 'that of the directive',
    sentence:
      "Days before the end of the server's certificate when a warning begins; 0 never warns.",
  },

  // The other types
  helo: {
    checks: ['smtp'],
    type: quotedOrBare('a host name'),
    default: 'the name of this machine',
    sentence: 'Name to say HELO with.',
  },
  query: {
    checks: ['dns'],
    type: oneOf(dnsQueryTypes),
    default: 'SOA',
    sentence: 'Type of the records that are asked for.',
  },
  name: {
    checks: ['dns'],
    type: domainName(),
    default: '"."',
    sentence: 'Name that is asked for.',
  },
  payload: {
    checks: ['udp'],
    type: hexBytes(),
    default: 'none, an empty datagram',
    sentence: 'What is sent.',
  },
  requirereply: {
    checks: ['udp'],
    type: yesNo(),
    default: 'yes with reply, else no',
    sentence: 'Silence is a failure.',
  },
  reply: {
    checks: ['udp'],
    type: replyPattern(),
    default: 'any',
    sentence: 'What the reply must begin with.',
  },
  minreply: {
    checks: ['udp'],
    type: wholeNumber(0, 65_535),
    default: '0',
    sentence: 'Bytes that a required reply must have at least.',
  },
  maxreply: {
    checks: ['udp'],
    type: wholeNumber(0, 65_535),
    default: '65535',
    sentence: 'Bytes that a required reply may have at most.',
  },
  command: {
    checks: ['misc'],
    type: commandLine('a command'),
    sentence: 'The command, with its arguments; it is told nothing of the server.',
  },
  dynamic: {
    checks: ['misc'],
    type: yesNo(),
    default: 'no',
    sentence: 'Exit codes 2 to 255 are up as well, and make the weight of the server code - 2.',
  },
  user: {
    checks: ['misc'],
    type: userAndGroup(),
    default: 'as the daemon',
    sentence: 'User, and group, to run the command as.',
  },
  weight: {
    checks: ['file'],
    type: wholeOffset(),
    default: '0',
    sentence: 'How many times the number is added to the weight; 0: a number other than 0 is down.',
  },
  send: {
    checks: ['dialogue', 'agent'],
    type: escaped('a text'),
    repeats: true,
    default: 'nothing',
    sentence: 'Text to send. With dialogue in turn with the lines around it, with agent once.',
  },
  expect: {
    checks: ['dialogue'],
    type: expectPattern(),
    repeats: true,
    default: 'nothing',
    sentence: 'Regular expression that must match what came since the last expect.',
  },
} as const satisfies Readonly<Record<string, Parameter<unknown>>>;

const byName: ReadonlyMap<string, Parameter<unknown>> = new Map(Object.entries(parameters));

/** @returns undefined for a name that is no parameter of any check. */
export function findParameter(name: string): Parameter<unknown> | undefined {
  return byName.get(name);
}

/** All names, in the order of the manual. */
export function parameterNames(): Iterable<string> {
  return byName.keys();
}

/** The parameters of one type of check. */
export function parametersOf(word: CheckWord): readonly string[] {
  return [...byName].flatMap(([name, { checks }]) => (checks.includes(word) ? [name] : []));
}
