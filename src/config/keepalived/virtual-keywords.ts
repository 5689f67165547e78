import type { Keyword } from './keyword.ts';
import { converted, lost, noMeaning, oldSpelling } from './keyword-rows.ts';
import {
  addressPort,
  anyCase,
  forwarding,
  granularity,
  nothing,
  oneOf,
  oneWord,
  optional,
  optionalBool,
  something,
  timer,
  whole,
} from './parameters.ts';

const maxInt = 2_147_483_647;
const maxUnsigned = 0xffff_ffff;

/** Those of its manual. */
export const knownSchedulers: readonly string[] = [
  ...['rr', 'wrr', 'lc', 'wlc', 'lblc', 'lblcr', 'sh', 'mh', 'dh'],
  ...['fo', 'ovf', 'sed', 'nq', 'twos'],
];
const schedulers = oneOf(...knownSchedulers);

/** Weight, rhythm and notifiers: what a virtual server says for all its real servers. */
const shared: readonly Keyword[] = [
  converted('weight', whole(0, maxInt)),
  converted('delay_loop', timer(0.000001, maxUnsigned)),
  converted('retry', whole(1, maxUnsigned)),
  converted('delay_before_retry', timer(0, maxUnsigned)),
  converted('warmup', timer(0, maxUnsigned)),
  converted('connect_timeout', timer(0.000001, 4294)),
  converted('virtualhost', oneWord),
  converted('smtp_alert', optionalBool),
  converted('lvs_method', forwarding),
  noMeaning('snmp_name', oneWord, 'ipvsd has no SNMP'),
];

/** The checks that a real server can have. */
export const checkBlocks = [
  'TCP_CHECK',
  'HTTP_GET',
  'SSL_GET',
  'SMTP_CHECK',
  'DNS_CHECK',
  'UDP_CHECK',
  'PING_CHECK',
  'MISC_CHECK',
  'FILE_CHECK',
  'BFD_CHECK',
] as const;

export const virtualKeywords: readonly Keyword[] = [
  ...shared,
  converted('alpha', nothing),
  converted('inhibit_on_failure', nothing),
  converted('real_server', addressPort, 'real_server'),
  converted('ip_family', oneOf('inet', 'inet6')),
  converted('lvs_sched', schedulers),
  oldSpelling('lb_kind', 'lvs_method', forwarding),
  oldSpelling('lb_algo', 'lvs_sched', schedulers),
  noMeaning('hashed', nothing, 'it does nothing in keepalived either'),
  converted('ops', nothing),
  converted('flag-1', nothing),
  converted('flag-2', nothing),
  converted('flag-3', nothing),
  converted('sh-port', nothing),
  converted('sh-fallback', nothing),
  converted('mh-port', nothing),
  converted('mh-fallback', nothing),
  converted('persistence_engine', oneWord),
  converted('persistence_timeout', optional(whole(1, 2_678_400))),
  converted('persistence_granularity', granularity),
  converted('protocol', anyCase('TCP', 'UDP', 'SCTP')),
  lost('ha_suspend', nothing, 'servers are checked wherever the address is'),
  lost(
    'omega',
    nothing,
    'the commands for servers and quorum do not run when the daemon stops; ExecStopPost= of systemd can run some',
  ),
  converted('quorum', whole(1, maxUnsigned)),
  converted('hysteresis', whole(0, maxUnsigned)),
  converted('quorum_up', something),
  converted('quorum_down', something),
  converted('sorry_server', addressPort),
  converted('sorry_server_inhibit', nothing),
  converted('sorry_server_lvs_method', forwarding),
];

export const realKeywords: readonly Keyword[] = [
  ...shared,
  converted('alpha', optionalBool),
  converted('inhibit_on_failure', optionalBool),
  converted('uthreshold', whole(0, maxUnsigned)),
  converted('lthreshold', whole(0, maxUnsigned)),
  converted('notify_up', something),
  converted('notify_down', something),
  ...checkBlocks.map((name) => converted(name, nothing, name)),
];
