import { negotiateServices } from '../check-model.ts';
import { checkWordNames } from './check-words.ts';
import type { Directive, DirectiveWithDefault, Scope } from './directive.ts';
import { damping } from './values/damping.ts';
import { fallbackLine } from './values/fallback-line.ts';
import { logTarget } from './values/log-target.ts';
import { markedPackets } from './values/marked-packets.ts';
import { minServers } from './values/min-servers.ts';
import { ownAddress } from './values/own-address.ts';
import { realLine } from './values/real-line.ts';
import {
  bareSeconds,
  listOf,
  oneOf,
  seconds,
  secondsOrNone,
  someSeconds,
  wholeNumber,
  yesNo,
} from './values/scalars.ts';
import { commandLine, orEmpty, pattern, quoted, quotedOrBare, restOfLine } from './values/text.ts';
import type { ValueType } from './values/value-type.ts';
import { virtualAddress } from './values/virtual-address.ts';
import {
  alertStatusList,
  checkName,
  checkType,
  engineName,
  httpMethod,
  mailServer,
  netmask,
  protocolWord,
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
    difference:
      'An address without a port is an error; ldirectord takes its first number for a firewall mark.',
  },
  virtual6: {
    ...entry('virtual', virtualAddress('inet6')),
    opensSection: true,
    sentence: 'As virtual, for an IPv6 address, a name with an IPv6 address, or an IPv6 mark.',
  },
  markfor: {
    ...entry('virtual', markedPackets()),
    repeats: true,
    own: true,
    sentence:
      'In the section of a firewall mark: packets for this address and port get the mark, once the rules that "ipvsd nft" prints are loaded. Port 0 is every port.',
  },
  real: {
    ...entry('virtual', realLine('inet')),
    repeats: true,
    sentence:
      'A real server, or a range of them: address, forwarding method, weight, own request and receive, connection thresholds.',
    difference:
      'Thresholds may stand in either order and a range may have any length; ldirectord loses the upper one of "u:N l:N" and reads some ranges as empty. A lower threshold without an upper one, or above it, is ignored with a warning; the kernel refuses it, and ldirectord goes on without the server.',
  },
  real6: {
    ...entry('virtual', realLine('inet6')),
    repeats: true,
    sentence: 'As real, for an IPv6 address or a name with one.',
  },
  fallback: {
    ...entry('both', fallbackLine('inet')),
    sentence:
      'The server that gets the clients while no real server is up. The last line counts, unless one of the section has a priority: then all lines do, and of those that are up the ones with the lowest number get the clients.',
    difference:
      'A global one serves firewall marks too; with ldirectord the kernel refuses it there. Weight, priority and tunnel are not known to ldirectord.',
  },
  fallback6: {
    ...entry('both', fallbackLine('inet6')),
    sentence: 'As fallback, for IPv6 virtual servers.',
  },

  // When checks run and what their results do
  checkinterval: {
    ...withDefault('both', seconds(), 10),
    sentence: 'Seconds between two checks of a real server.',
    difference: 'That of a section always counts; ldirectord minds it only with fork=yes.',
  },
  fastinterval: {
    ...entry('both', seconds()),
    own: true,
    defaultText: 'that of checkinterval',
    sentence:
      'Seconds between two checks while a real server is failing but not out yet, or coming back.',
  },
  downinterval: {
    ...entry('both', seconds()),
    own: true,
    defaultText: 'that of checkinterval',
    sentence: 'Seconds between two checks while a real server is out.',
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
    difference:
      'Each virtual server counts for itself; ldirectord counts a failure of a real server once for each section that has it.',
  },
  rise: {
    ...withDefault('both', count(), 1),
    own: true,
    sentence: 'Good checks in a row that bring a failed real server back.',
  },
  minservers: {
    ...entry('both', minServers()),
    own: true,
    defaultText: 'none',
    sentence:
      'How many real servers, N or N%, failed checks alone must leave in service: those that failed last are kept.',
  },
  quorum: {
    ...entry('both', count()),
    own: true,
    defaultText: '1',
    sentence:
      'Sum of the weights of real servers that must be up for them to be used; with less, the fallback gets the clients if one is up.',
  },
  hysteresis: {
    ...withDefault('both', wholeNumber(0, Number.MAX_SAFE_INTEGER), 0),
    own: true,
    sentence: 'The quorum is gained with so much more than it, and lost with so much less.',
  },
  slowstart: {
    ...withDefault('both', someSeconds('or none'), 0),
    own: true,
    sentence:
      'Seconds over which a real server that comes up gets its weight in steps; 0: at once.',
  },
  damping: {
    ...entry('both', damping()),
    own: true,
    defaultText: 'no',
    sentence:
      'How long a real server that fails again and again stays out: MIN seconds after a failure, twice as long after each that follows soon, MAX at most.',
  },
  fallbackquiescent: {
    ...withDefault('both', yesNo(), false),
    own: true,
    sentence: 'A fallback that is not in use stays in the table with weight 0.',
  },
  persistentclean: {
    ...withDefault('both', yesNo(), false),
    own: true,
    sentence:
      'A failed real server is taken out even with quiescent, so that persistent clients move on at once, while one in maintenance keeps them as quiescent says; sets net.ipv4.vs.expire_nodest_conn while the daemon runs.',
  },
  checkcount: {
    ...withDefault('both', wholeNumber(1, 1000), 1),
    deprecated: 'deprecated; it counts only for checktype=ping, as echo requests per check',
    sentence: 'Echo requests of a ping check before the real server counts as down (deprecated).',
  },
  quiescent: {
    ...withDefault('both', yesNo(), false),
    sentence: 'A failed real server gets weight 0 (yes), or is taken out of the table (no).',
    difference: 'The default is what ldirectord does, not what its manual says.',
  },
  inhibit: {
    ...entry('both', yesNo()),
    ofServer: true,
    own: true,
    defaultText: 'that of quiescent',
    sentence:
      'As quiescent, for real servers; below the line of a real server, and deeper, for that one.',
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
    difference: 'A ping check asks IPv6 servers as well; ldirectord takes them for down.',
  },
  check: {
    ...entry(
      'virtual',
      checkName(`one of ${checkWordNames.join(', ')}, or the name of a definecheck`),
    ),
    repeats: true,
    opensBlock: true,
    ofServer: true,
    own: true,
    sentence:
      'A check of all real servers, or below the line of a server, and deeper, of that one; all checks of a server must be good. Deeper lines below are its parameters.',
  },
  definecheck: {
    ...entry('global', checkName('a name of letters, digits, ".", "-" and "_"')),
    repeats: true,
    opensBlock: true,
    own: true,
    sentence: 'Gives a name to a check, for use in check; deeper lines below are its parameters.',
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
    difference: 'Death by a signal is a failure; ldirectord takes it for a success.',
  },
  request: {
    ...withDefault('virtual', quoted('a request'), '/'),
    sentence: 'What a negotiate check asks for: a path, name, query or text, by service.',
    difference: '"#" may stand in the text; ldirectord cuts the line there.',
  },
  receive: {
    ...withDefault('virtual', pattern(), ''),
    defaultText: 'none',
    sentence: 'Regular expression that the answer must match, anywhere and minding case.',
    difference:
      '"#" may stand in the text; ldirectord cuts the line there. Without it any line of a simpletcp server is good; ldirectord, by a quirk of Perl, may try the last pattern that it used.',
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
    difference:
      'Without one the greeting of a pop server must be good; ldirectord takes the server for up in any case.',
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
  passwdfile: {
    ...entry('virtual', quotedOrBare('the path of a file')),
    own: true,
    sentence:
      'File whose first line is the password, instead of passwd; read with the configuration.',
  },
  secretfile: {
    ...entry('virtual', quotedOrBare('the path of a file')),
    own: true,
    sentence:
      'File whose first line is the secret, instead of secret; read with the configuration.',
  },
  checkfrom: {
    ...entry('both', ownAddress()),
    defaultText: 'as the routes say',
    own: true,
    sentence:
      'Own address that connect, ping and negotiate checks of its family go out from; not those of oracle.',
  },

  // Checks over TLS: https, imaps, pops, ldaps
  verify: {
    ...entry('both', oneOf(['none', 'ca', 'full'])),
    defaultText: 'ca; none for ldaps',
    own: true,
    sentence:
      "What a check demands of the server's certificate: nothing, a trusted chain, or also the name in sni, else virtualhost, else its address.",
  },
  cafile: {
    ...entry('both', quotedOrBare('the path of a file')),
    defaultText: 'the authorities of the machine',
    own: true,
    sentence: 'Certificate authorities that checks trust, in PEM.',
  },
  sni: {
    ...withDefault('both', orEmpty(quotedOrBare('a host name')), ''),
    defaultText: 'none',
    own: true,
    sentence: 'Server name that a check asks for in TLS.',
  },
  clientcert: {
    ...entry('both', quotedOrBare('the path of a file')),
    defaultText: 'none',
    own: true,
    sentence: 'Certificate, in PEM, that checks show to the server.',
  },
  clientkey: {
    ...entry('both', quotedOrBare('the path of a file')),
    defaultText: 'that of clientcert',
    own: true,
    sentence: 'Private key of clientcert, in PEM.',
  },
  certwarn: {
    ...withDefault('both', wholeNumber(0, 3650), 0),
    own: true,
    sentence: "Days before the end of a server's certificate when a warning begins; 0 never warns.",
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
  persistentengine: {
    ...entry('both', engineName()),
    own: true,
    sentence:
      'With persistent, what tells clients apart instead of their address: sip goes by the call.',
  },
  protocol: {
    ...entry('virtual', protocolWord()),
    defaultText: 'tcp; udp for the ports 53 and domain; fwm for a firewall mark',
    sentence:
      'Protocol of the virtual server: tcp, udp or sctp for an address, fwm for a firewall mark.',
    difference:
      'ldirectord does not know sctp; with it, checktype=connect is a ping, a number negotiates every time, and no service follows from the port.',
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
    difference:
      'One mail with a recipient of its own for each address, with Date and Message-ID, from a queue that tries again and gives a server 30 seconds; ldirectord sends one malformed recipient, once, and waits for the server. More than 30 in a minute become one. No mail for a start that finds the table as it should be.',
  },
  emailalertfrom: {
    ...entry('global', restOfLine('a mail address')),
    sentence: 'Sender of alert mails.',
  },
  emailalertfreq: {
    ...withDefault('both', bareSeconds(), 0),
    sentence: 'Seconds between reminders while a real server is down; 0 sends none.',
    difference:
      'Reminders come by the clock, also for a server that is down from the start; in ldirectord after a round of checks.',
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
    difference: 'A port may be given; encryption and login stand in ipvsd.ini.',
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
    difference:
      'A file that cannot be written is logged once and changes nothing; ldirectord refuses to start, or dies. The message at the end of a line is the reason that status shows; of a page that does not match ldirectord has all of it there.',
  },
  quorumup: {
    ...entry('virtual', commandLine('a command')),
    own: true,
    sentence: 'Command run when the quorum is gained; without a shell.',
  },
  quorumdown: {
    ...entry('virtual', commandLine('a command')),
    own: true,
    sentence: 'Command run when the quorum is lost; without a shell.',
  },
  notifyup: {
    ...entry('both', commandLine('a command')),
    ofServer: true,
    own: true,
    sentence:
      'Command run when a real server comes into service; below the line of a real server, and deeper, for that one; without a shell.',
  },
  notifydown: {
    ...entry('both', commandLine('a command')),
    ofServer: true,
    own: true,
    sentence: 'As notifyup, when it goes out of service.',
  },
  fallbackcommand: {
    ...entry('both', commandLine('a command')),
    sentence:
      'Command run with start, address and protocol when no real server is left, and with stop when one is back or at the end; without a shell.',
    difference:
      'Blanks part its words, quotes keep them together, and no shell looks at it; killed after 30 seconds. Run once per change, not at a start or reload that changes nothing; ldirectord runs it several times at each, and not at the end.',
  },

  // The daemon
  autoreload: {
    ...withDefault('global', yesNo(), false),
    sentence: 'The file is read again when its content changes.',
    difference:
      'A file with errors, or without any virtual server, changes nothing; ldirectord may lose the defaults in force, or empties the table.',
  },
  callback: {
    ...entry('global', quoted('the path of a program')),
    sentence:
      'Program run with the path of the file after its content changed, with or without autoreload.',
    difference: 'Killed after 60 seconds; ldirectord waits for it without end.',
  },
  logfile: {
    ...withDefault('global', logTarget(), '/var/log/ldirectord.log'),
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
    difference:
      'ldirectord runs one process for each virtual server, with knowledge of its own, and they outlive it when it is killed.',
  },
  maintenancedir: {
    ...entry('global', restOfLine('the path of a directory')),
    sentence:
      'Directory in which a file named after a real server takes that server out: ADDRESS or NAME, with or without :PORT, NAME with or without its domain.',
    difference:
      'Changes count at once, names in any case; host names are asked for in the background, in ldirectord before every check.',
  },

  standbychecks: {
    ...withDefault('global', oneOf(['full', 'slow', 'none']), 'full'),
    own: true,
    sentence:
      'How often checks run while "ipvsd role" has the director in standby: as ever, at a tenth of that, or not at all.',
  },
  standbytable: {
    ...withDefault('global', oneOf(['keep', 'clear']), 'keep'),
    own: true,
    sentence:
      "What the kernel's table has in standby: all that it has in the active role, as connection synchronisation needs it, or nothing of this file.",
  },

  include: {
    ...entry('global', quotedOrBare('a file, a folder, or a pattern of names in one')),
    repeats: true,
    own: true,
    sentence:
      'Reads further files in the place of this line: one, all *.cf of a folder, or those that match a pattern; a relative path counts from the folder of this file.',
  },

  // Refused, with advice
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
  checkmark: {
    ...entry('both', wholeNumber(0, 4_294_967_295)),
    removed:
      'unknown directive "checkmark": the firewall mark of a socket (SO_MARK) cannot be set from Node; use checkfrom, and mark or route by that address',
    sentence:
      'Left out: Node cannot set SO_MARK. Give the checks an address of their own with checkfrom, and mark or route what comes from it (nft, ip rule).',
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
