import { negotiateServices } from '../model.ts';
import type { Directive, DirectiveWithDefault, Scope } from './directive.ts';
import { fallbackLine } from './values/fallback-line.ts';
import { realLine } from './values/real-line.ts';
import {
  bareSeconds,
  listOf,
  oneOf,
  seconds,
  secondsOrNone,
  wholeNumber,
  yesNo,
} from './values/scalars.ts';
import { commandLine, orEmpty, pattern, quoted, quotedOrBare, restOfLine } from './values/text.ts';
import type { ValueType } from './values/value-type.ts';
import { virtualAddress } from './values/virtual-address.ts';
import {
  alertStatusList,
  checkType,
  httpMethod,
  mailServer,
  netmask,
  recipients,
  schedulerName,
} from './values/words.ts';

const count = (): ValueType<number> => wholeNumber(1, Number.MAX_SAFE_INTEGER);

/**
 * All directives of an ldirectord.cf: the one source of names, scopes, types, defaults and
 * sentences. It is one long table on purpose, in the order of the manual.
 */
export const directives = {
  // Sections
  virtual: {
    ...entry('virtual', virtualAddress('inet')),
    opensSection: true,
    sentence: 'Opens the section of a virtual server: its address and port, or a firewall mark.',
  },
  virtual6: {
    ...entry('virtual', virtualAddress('inet6')),
    opensSection: true,
    sentence: 'As virtual, for an IPv6 address, a name with an IPv6 address, or an IPv6 mark.',
  },
  real: {
    ...entry('virtual', realLine('inet')),
    repeats: true,
    sentence:
      'A real server, or a range of them: address, forwarding method, weight, own request and receive, connection thresholds.',
  },
  real6: {
    ...entry('virtual', realLine('inet6')),
    repeats: true,
    sentence: 'As real, for an IPv6 address or a name with one.',
  },
  fallback: {
    ...entry('both', fallbackLine('inet')),
    sentence: 'The server that gets the clients while no real server is up; it is never checked.',
  },
  fallback6: {
    ...entry('both', fallbackLine('inet6')),
    sentence: 'As fallback, for IPv6 virtual servers.',
  },

  // When checks run and what their results do
  checkinterval: {
    ...withDefault('both', seconds(), 10),
    sentence:
      'Seconds between two checks of a real server; that of a section always counts (ldirectord minds it only with fork=yes).',
  },
  checktimeout: {
    ...entry('both', seconds()),
    defaultText: 'that of negotiatetimeout, else 5',
    sentence: 'Seconds that a connect, ping, external, ldap or radius check may take.',
  },
  negotiatetimeout: {
    ...entry('both', seconds()),
    defaultText: 'that of checktimeout, else 30',
    sentence: 'Seconds that a negotiate check of any other service may take.',
  },
  failurecount: {
    ...withDefault('both', count(), 1),
    sentence: 'Failed checks in a row that take a real server out.',
  },
  rise: {
    ...withDefault('both', count(), 1),
    sentence:
      'Good checks in a row that bring a failed real server back (not known to ldirectord).',
  },
  checkcount: {
    ...withDefault('both', wholeNumber(1, 1000), 1),
    deprecated: 'deprecated; it counts only for checktype=ping, as echo requests per check',
    sentence: 'Echo requests of a ping check before the real server counts as down (deprecated).',
  },
  quiescent: {
    ...withDefault('both', yesNo(), false),
    sentence: 'A failed real server gets weight 0 (yes), or is taken out of the table (no).',
  },
  readdquiescent: {
    ...withDefault('global', yesNo(), false),
    sentence:
      'Accepted for the sake of old files: with quiescent, a failed server has its entry with weight 0 in any case.',
  },
  cleanstop: {
    ...withDefault('both', yesNo(), true),
    sentence: 'Virtual servers are taken out of the kernel when the daemon stops.',
  },

  // What is checked
  checktype: {
    ...withDefault('virtual', checkType(), 'negotiate'),
    sentence:
      'How real servers are checked; a number N means one negotiate after every N connects.',
  },
  service: {
    ...entry('virtual', oneOf(negotiateServices)),
    defaultText: 'by the port of the virtual server, else none',
    sentence: 'The protocol that a negotiate check speaks.',
  },
  checkport: {
    ...entry('virtual', wholeNumber(1, 65_535)),
    defaultText: "the real server's port, else the usual one of the service",
    sentence: 'The port that is checked.',
  },
  checkcommand: {
    ...withDefault('virtual', quotedOrBare('the path of a program'), '/bin/true'),
    sentence: 'The program of an external check; it gets VIP, port, real server and its port.',
  },
  request: {
    ...withDefault('virtual', quoted('a request'), '/'),
    sentence: 'What a negotiate check asks for: a path, name, query or text, by service.',
  },
  receive: {
    ...withDefault('virtual', pattern(), ''),
    defaultText: 'none',
    sentence: 'Regular expression that the answer must match, anywhere and minding case.',
  },
  httpmethod: {
    ...withDefault('virtual', httpMethod(), 'GET'),
    sentence: 'Method of http and https checks; HEAD brings no text that receive could match.',
  },
  virtualhost: {
    ...withDefault('virtual', orEmpty(quotedOrBare('a host name')), ''),
    defaultText: "the real server's address",
    sentence: 'Host header of http and https checks.',
  },
  login: {
    ...withDefault('virtual', quoted('a user name'), ''),
    defaultText: 'none; "anonymous" with service=ftp, ldirectord@HOST with service=sip',
    sentence: 'User name for checks that log in.',
  },
  passwd: {
    ...withDefault('virtual', quoted('a password'), ''),
    defaultText: 'none; ldirectord@HOST with service=ftp',
    sentence: 'Password for checks that log in.',
  },
  database: {
    ...withDefault('virtual', quoted('the name of a database'), ''),
    defaultText: 'none',
    sentence: 'Database of mysql, pgsql and oracle checks.',
  },
  secret: {
    ...withDefault('virtual', quoted('a shared secret'), ''),
    defaultText: 'none',
    sentence: 'Shared secret of radius checks.',
  },
  load: {
    ...entry('virtual', quoted('a text')),
    sentence: 'Accepted and not used.',
  },

  // How the kernel balances
  scheduler: {
    ...withDefault('virtual', schedulerName(), 'wrr'),
    sentence: 'Scheduler of the kernel that picks a real server for each new connection.',
  },
  schedflags: {
    ...withDefault(
      'virtual',
      listOf(['sh-fallback', 'sh-port', 'mh-fallback', 'mh-port', 'flag-1', 'flag-2', 'flag-3']),
      [],
    ),
    defaultText: 'none',
    sentence: 'Flags of the scheduler, with commas between them.',
  },
  persistent: {
    ...withDefault('virtual', secondsOrNone(), 0),
    defaultText: 'none',
    sentence: 'Seconds that a client stays with the real server it was given.',
  },
  netmask: {
    ...entry('virtual', netmask()),
    defaultText: 'every client alone',
    sentence:
      'With persistent, the clients that count as one: dotted quad, or prefix length for IPv6.',
  },
  protocol: {
    ...entry('virtual', oneOf(['tcp', 'udp', 'fwm'])),
    defaultText: 'tcp; udp for the ports 53 and domain; fwm for a firewall mark',
    sentence: 'Protocol of the virtual server: tcp or udp for an address, fwm for a firewall mark.',
  },
  ops: {
    ...withDefault('virtual', yesNo(), false),
    sentence: 'One-packet scheduling: every packet is balanced alone (udp only).',
  },

  // Alerts and commands
  emailalert: {
    ...withDefault('both', recipients(), []),
    defaultText: 'none',
    sentence: 'Mail addresses that are told of every change, with commas between them.',
  },
  emailalertfrom: {
    ...entry('global', restOfLine('a mail address')),
    sentence: 'Sender of alert mails.',
  },
  emailalertfreq: {
    ...withDefault('both', bareSeconds(), 0),
    sentence: 'Seconds between reminders while a real server is down; 0 sends none.',
  },
  emailalertstatus: {
    ...withDefault('both', alertStatusList(), ['starting', 'running', 'stopping', 'reloading']),
    defaultText: 'all',
    sentence: 'States of the daemon in which alert mails go out.',
  },
  smtp: {
    ...entry('both', mailServer()),
    defaultText: 'the local mail system',
    sentence: 'Mail server that alert mails are sent through: HOST, or HOST:PORT.',
  },
  servicename: {
    ...withDefault('virtual', orEmpty(restOfLine('a text')), ''),
    defaultText: 'none',
    sentence: 'Name of the virtual server in alert mails.',
  },
  comment: {
    ...withDefault('virtual', orEmpty(restOfLine('a text')), ''),
    defaultText: 'none',
    sentence: 'Remark on the virtual server in alert mails.',
  },
  monitorfile: {
    ...entry('virtual', quotedOrBare('the path of a file')),
    sentence: 'File that gets one line for every check of the section.',
  },
  fallbackcommand: {
    ...entry('both', commandLine('a command')),
    sentence:
      'Command run with start, address and protocol when no real server is left, and with stop when one is back or at the end; without a shell.',
  },

  // The daemon
  autoreload: {
    ...withDefault('global', yesNo(), false),
    sentence: 'The file is read again when its content changes.',
  },
  callback: {
    ...entry('global', quoted('the path of a program')),
    sentence:
      'Program run with the path of the file after its content changed, with or without autoreload.',
  },
  logfile: {
    ...withDefault('global', quoted('a path or a syslog facility'), '/var/log/ldirectord.log'),
    sentence: 'Where log lines go: a file if it starts with "/", else a syslog facility.',
  },
  execute: {
    ...entry('global', restOfLine('the name of a configuration file')),
    repeats: true,
    sentence: 'A further instance that is started, reloaded, asked and stopped with this one.',
  },
  supervised: {
    ...withDefault('global', yesNo(), false),
    bare: true,
    sentence: 'The daemon stays in the foreground and logs to standard output.',
  },
  fork: {
    ...withDefault('global', yesNo(), false),
    sentence: 'Accepted for the sake of old files: checks run side by side in any case.',
  },
  maintenancedir: {
    ...entry('global', restOfLine('the path of a directory')),
    sentence: 'Directory in which a file named after a real server takes that server out.',
  },

  // Gone
  timeout: {
    ...entry('global', seconds()),
    removed: 'timeout directive deprecated in favour of checktimeout and negotiatetimeout',
    sentence: 'Removed: use checktimeout and negotiatetimeout.',
  },
  connecttimeout: {
    ...entry('both', seconds()),
    removed: 'connecttimeout directive deprecated in favour of negotiatetimeout',
    sentence: 'Removed: use negotiatetimeout.',
  },
};

const byName: ReadonlyMap<string, Directive<unknown>> = new Map(Object.entries(directives));

/** @returns undefined for a name that is no directive. */
export function findDirective(name: string): Directive<unknown> | undefined {
  return byName.get(name);
}

/** All names, in the order of the manual. */
export function directiveNames(): Iterable<string> {
  return byName.keys();
}

function entry<T>(scope: Scope, type: ValueType<T>): Pick<Directive<T>, 'scope' | 'type'> {
  return { scope, type };
}

function withDefault<T>(
  scope: Scope,
  type: ValueType<T>,
  value: NoInfer<T>,
): Pick<DirectiveWithDefault<T>, 'scope' | 'type' | 'default'> {
  return { scope, type, default: value };
}
