import { dnsQueryTypes } from '../block-checks.ts';
import type { BlockName, Keyword } from './keyword.ts';
import { converted, hand, lost, noMeaning, oldSpelling } from './keyword-rows.ts';
import {
  address,
  anything,
  hexadecimal,
  nothing,
  oneOf,
  oneWord,
  optional,
  optionalBool,
  something,
  statusCodes,
  timer,
  whole,
} from './parameters.ts';

const maxUnsigned = 0xffff_ffff;

const connection: readonly Keyword[] = [
  converted('connect_ip', address),
  converted('connect_port', whole(1, 65_535)),
  converted('bindto', address),
  lost('bind_port', whole(1, 65_535), 'the check goes out from a port that the kernel picks'),
  lost('bind_if', oneWord, 'the check goes out as the routes say; "from" may pick an address'),
  converted('connect_timeout', timer(0.000001, 4294)),
  lost('fwmark', whole(0, maxUnsigned), 'packets of the check carry no mark'),
];

const rhythm: readonly Keyword[] = [
  converted('retry', whole(0, maxUnsigned)),
  converted('delay_before_retry', timer(0, maxUnsigned)),
  converted('warmup', timer(0, maxUnsigned)),
  converted('delay_loop', timer(0.000001, maxUnsigned)),
  converted('alpha', optionalBool),
  noMeaning('log_all_failures', optionalBool, 'every failed check is in the log'),
];

/** Of HTTP checks alone, but often seen in others. */
const strayRetry = hand(
  'nb_get_retry',
  whole(0, maxUnsigned),
  'ignored here, as keepalived does: write "retry" if it is to count',
);

const tlsCompliant = noMeaning(
  'tls_compliant',
  optionalBool,
  'the check ends its session with close_notify in any case',
);

const url: readonly Keyword[] = [
  converted('path', oneWord),
  converted('digest', hexadecimal(/^[\da-f]{32}$/i, '32 hexadecimal digits')),
  converted('status_code', statusCodes),
  converted('virtualhost', oneWord),
  converted('regex', something),
  converted('regex_no_match', nothing),
  converted('regex_options', something),
  lost('regex_min_offset', whole(0, maxUnsigned), 'the whole body is searched'),
  lost('regex_max_offset', whole(0, maxUnsigned), 'the whole body is searched'),
  noMeaning('regex_stack', anything, 'it is about the memory of another library'),
];

const http: readonly Keyword[] = [
  ...connection,
  ...rhythm,
  oldSpelling('nb_get_retry', 'retry', whole(0, maxUnsigned)),
  converted('virtualhost', oneWord),
  converted('http_protocol', oneOf('1.0', '1.0C', '1.0c', '1.1')),
  noMeaning('fast_recovery', optionalBool, 'every check asks for all urls'),
];

type OtherBlock = 'root' | 'global_defs' | 'SSL' | 'track_file' | 'virtual_server' | 'real_server';

/** The blocks of checks, and the blocks within them. */
export const checkKeywords: Readonly<Record<Exclude<BlockName, OtherBlock>, readonly Keyword[]>> = {
  TCP_CHECK: [...connection, ...rhythm, strayRetry],
  HTTP_GET: [
    ...http,
    converted('url', nothing, 'url'),
    noMeaning('enable_sni', optionalBool, 'there is no TLS in a plain check'),
    noMeaning('sni_name', oneWord, 'there is no TLS in a plain check'),
  ],
  SSL_GET: [
    ...http,
    converted('url', nothing, 'ssl_url'),
    converted('enable_sni', optionalBool),
    converted('sni_name', oneWord),
    tlsCompliant,
  ],
  url,
  ssl_url: [...url, tlsCompliant],
  SMTP_CHECK: [
    ...connection,
    ...rhythm,
    strayRetry,
    converted('helo_name', oneWord),
    converted('host', nothing, 'host'),
  ],
  host: connection,
  DNS_CHECK: [
    ...connection,
    ...rhythm,
    converted('type', oneOf(...dnsQueryTypes)),
    converted('name', oneWord),
  ],
  UDP_CHECK: [
    ...connection,
    ...rhythm,
    converted('payload', hexadecimal(/^([\da-f]{2})+$/i, 'hexadecimal digits, two a byte')),
    converted(
      'require_reply',
      optional(hexadecimal(/^([\da-fx]{2})+$/i, 'hexadecimal digits or x, two a byte')),
    ),
    converted('min_reply_length', whole(0, 65_535)),
    converted('max_reply_length', whole(0, 65_535)),
  ],
  PING_CHECK: [...connection, ...rhythm, strayRetry],
  MISC_CHECK: [
    ...rhythm,
    strayRetry,
    converted('misc_path', something),
    converted('misc_timeout', whole(1, 4294)),
    converted('misc_dynamic', nothing),
    converted('user', something),
  ],
  FILE_CHECK: [converted('track_file', oneWord), converted('weight', something)],
  BFD_CHECK: [converted('name', oneWord), converted('alpha', optionalBool)],
};
