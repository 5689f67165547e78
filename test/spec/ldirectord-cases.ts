import { type Proof, proof } from './proof.ts';

/** The drop-in test cases of our description of ldirectord 4.12, by number. */
export const cases: Readonly<Record<number, Proof>> = {
  1: proof(
    'a web pool: rules, weights, request line',
    'kernel/main-job: has both servers in the kernel as soon as it serves',
    'checks/http: asks for the request with a Host of the bare address',
  ),
  2: proof('virtualhost is the Host', 'checks/http: sends the virtualhost as Host'),
  3: proof(
    'a page that no longer matches',
    'kernel/main-job: takes a server out whose page no longer says what it should',
    'kernel/ldirectord-behaviour: gets weight 0 or is removed, by quiescent of its section, and the log says so',
  ),
  4: proof(
    'fallback of a section',
    'kernel/main-job: puts the fallback in when both are down',
    'kernel/main-job: brings both back and takes the fallback out',
  ),
  5: proof(
    'fallback without a port, port by name',
    'config/ldirectord/resolve: has its own fallback, else the global one of its family',
  ),
  6: proof(
    'global fallback takes the port of each',
    'config/ldirectord/resolve: has its own fallback, else the global one of its family',
    'kernel/ldirectord-behaviour: leaves its clients to the global fallback of the family, behind a mark too',
  ),
  7: proof(
    'quiescent is no by default',
    'config/ldirectord/directives: has defaults that stand in the file as well',
    'kernel/ldirectord-mails: emailalertstatus=running: tell failure, reminders and recovery, not start and stop',
  ),
  8: proof(
    'quiescent=yes: weight 0 and back, log',
    'kernel/ldirectord-behaviour: gets weight 0 or is removed, by quiescent of its section, and the log says so',
  ),
  9: proof(
    'quiescent of a section comes first',
    'kernel/ldirectord-behaviour: gets weight 0 or is removed, by quiescent of its section, and the log says so',
  ),
  10: proof(
    'thresholds come and go with quiescent',
    'kernel/ldirectord-rows: are set while a server is up and zero while it is quiescent',
  ),
  11: proof(
    'thresholds in either order',
    'config/ldirectord/values/real-line: 10.9.0.2:80 gate u:100 l:50',
  ),
  12: proof(
    'persistence, mask, scheduler flags',
    'support/ldirectord-rows: persistence, netmask, scheduler and its flags',
  ),
  13: proof(
    'netmask alone goes nowhere',
    'support/ldirectord-rows: a netmask without persistence goes nowhere',
  ),
  14: proof('ops and ipip', 'support/ldirectord-rows: one-packet scheduling and tunnels'),
  15: proof('ops on tcp', 'support/ldirectord-rows: one-packet scheduling on tcp is dropped'),
  16: proof(
    'port 53 is udp, and tcp beside it',
    'support/ldirectord-rows: port 53 is udp unless said otherwise, and both live side by side',
  ),
  17: proof('marks of both families', 'support/ldirectord-rows: firewall marks of both families'),
  18: proof('IPv6 spellings', 'support/ldirectord-rows: IPv6 addresses in any spelling'),
  19: proof(
    'gate takes the port of the virtual',
    'support/ldirectord-rows: ports are translated by masq only',
  ),
  20: proof(
    'a reload leaves gate with another port alone',
    'kernel/ldirectord-behaviour: show neither the fallback nor anything that goes again, and touch nothing that is right',
  ),
  21: proof('a range', 'support/ldirectord-rows: a range of servers'),
  22: proof(
    'a range across a decimal border',
    'support/ldirectord-rows: a range across a border of decimal length, which ldirectord takes for an empty one',
    'config/ldirectord/address-range: compares numbers, not digits',
  ),
  23: proof(
    'what the kernel had',
    'kernel/ldirectord-rows: is taken over: edited, never deleted; strangers in it go, services of others stay',
  ),
  24: proof(
    'cleanstop=no',
    'kernel/ldirectord-daemon: with cleanstop=no leaves the table as it is, and no pid file',
  ),
  25: proof(
    'cleanstop=no of one section',
    'kernel/ldirectord-rows: leaves the services whose section has cleanstop=no, to the last server',
  ),
  26: proof(
    'a reload with changes of every kind',
    'kernel/ldirectord-rows: brings the table to the new file as in ldirectord, and deletes only what is gone',
  ),
  27: proof('a blank line in a section', 'support/ldirectord-rows: an empty line inside a section'),
  28: proof(
    'comments behind values',
    'support/ldirectord-rows: a comment behind a yes',
    'support/ldirectord-rows: a comment behind a number',
  ),
  29: proof(
    'an address without a port is no mark',
    'support/ldirectord-rows: an address without a port, which ldirectord takes for firewall mark 10',
  ),
  30: proof(
    'the same virtual twice',
    'support/ldirectord-rows: two virtual servers on one address, as a number and as a name',
  ),
  31: proof(
    'a virtual in the last line',
    'support/ldirectord-rows: a virtual server at the very end of the file',
  ),
  32: proof(
    'checktype=N: negotiate, then N connects',
    'checks/combined: all good',
    'checks/combined: failed negotiates',
  ),
  33: proof(
    'failurecount and its lines in the log',
    'kernel/first-check: failurecount bad checks in a row take it out, "rise" good ones bring it back',
    "daemon/health-log: has ldirectord's words for what it logs too",
  ),
  34: proof(
    'each section counts for itself',
    'kernel/ldirectord-behaviour: in two sections with failurecount=4: goes at the fourth bad check in each',
  ),
  35: proof(
    'external: arguments, no shell, exit code, time',
    'kernel/ldirectord-behaviour: gives virtual and real server as four words; checkport does not change them',
    'checks/external: gives the four arguments without a shell',
    'checks/external: is down at any other exit code',
    'checks/external: lets the command tidy up at the abort',
  ),
  36: proof(
    'external: death by a signal is a failure',
    'checks/external: is down when the command dies of a signal',
  ),
  37: proof(
    'external-perl: exit, end, die, no end',
    'checks/external: … is …',
    'checks/external: is down when the script dies of a signal, or never ends',
  ),
  38: proof(
    'simpletcp: newline, half close, lines',
    'checks/simpletcp: sends the request, closes its side, and is up on a matching line',
    'checks/simpletcp: does not match across lines',
  ),
  39: proof(
    'sip over udp',
    'checks/sip: asks … with OPTIONS',
    'checks/sip: is down at the deadline when there is no answer',
    'kernel/servers-sip-ftp-nntp: is down at … over … for a user whom it does not know',
  ),
  40: proof(
    'dns: address, name of an address, no such name',
    'kernel/servers-dns-proxy: is up at … over … when an address matches',
    'kernel/servers-dns-proxy: is up at … over … when the name of an address matches',
    'kernel/servers-dns-proxy: is down at … over … for a name that is not there',
  ),
  41: proof(
    'dns and ftp without receive, pop without login; checktype=on is the switch',
    'kernel/servers-dns-proxy: is up at any answer without receive, also behind an alias',
    'kernel/servers-sip-ftp-nntp: is down when it was stopped, also without receive',
    'kernel/servers-mail: is down when it was stopped, with and without a login',
    'kernel/ldirectord-behaviour: are bad at a closed port; checktype=on is what they were',
  ),
  42: proof(
    'ldap: anonymous, base search, DN',
    'checks/ldap: binds as nobody, and asks for one entry without its attributes',
    'checks/ldap: is down when receive does not match the DN',
  ),
  43: proof(
    'http follows to another server',
    'checks/http: follows to another server, without the virtualhost',
  ),
  44: proof(
    'a silent server',
    'kernel/first-check: stays until a bad one: here, none at all within the timeout',
    'kernel/ldirectord-daemon: is held up by a silent server neither in its other checks, nor in reload, nor in stop',
  ),
  45: proof(
    'https: chain yes, name no',
    'checks/https: is up with a chain of a trusted authority at …, whatever its name',
    'checks/https: is down with a certificate that nobody vouches for',
  ),
  46: proof(
    'maintenancedir by address and name, despite failurecount',
    'kernel/alerts: maintenancedir: a file named after an address takes a server out at once',
    'kernel/alerts: maintenancedir: a file named after a host does so too',
  ),
  47: proof(
    'fallbackcommand once each way',
    'kernel/alerts: all servers die: the fallbackcommand starts once, mails tell it and remind',
    'kernel/alerts: the first server is back: the fallbackcommand stops once',
    "alerts/fallback-runs: names the virtual server as …, behind the command's own arguments",
  ),
  48: proof(
    'exit codes and texts of the actions',
    'kernel/ldirectord-calls: status: says running, stopped or stale, with its exit codes',
    'kernel/ldirectord-calls: stop: returns when the daemon is gone and the kernel is clean; a second stop is fine',
    'kernel/ldirectord-calls: …: puts the new file in force, fails when stopped',
    'kernel/ldirectord-calls: try-restart: nothing when stopped',
  ),
  49: proof(
    'a broken file and the pid file',
    'kernel/ldirectord-calls: a broken file: exit 2, daemon and pid file untouched; stop stops all the same',
  ),
  50: proof(
    'autoreload meets a broken file',
    'kernel/ldirectord-daemon: keeps the whole old file when autoreload meets a broken one, and goes on checking',
  ),
  51: proof(
    'touch, change, callback',
    'kernel/ldirectord-daemon: takes a touch of its file for nothing; new content is read and calls back once',
    'kernel/alerts: callback: run with the path when the content changes, not when it is only touched',
  ),
  52: proof(
    'names of pid files',
    'kernel/ldirectord-daemon: has a pid file named after the file, or after ldirectord for the default one',
  ),
  53: proof(
    'lines of the monitorfile',
    'kernel/alerts: writes a line into the monitorfile for every check',
  ),
  54: proof(
    'mails while running: failure, reminders, recovery',
    'kernel/ldirectord-mails: emailalertstatus=running: tell failure, reminders and recovery, not start and stop',
  ),
  55: proof(
    'two recipients',
    'kernel/ldirectord-mails: tell start and stop too without it, to each of two recipients',
    'alerts/mail/send-letter: sends one mail with a RCPT for each recipient and the headers that a mail must have',
  ),
  56: proof(
    'fork=yes',
    'kernel/ldirectord-daemon: with fork=yes: checks each section at its own interval, without processes for it',
  ),
  57: proof(
    'supervised',
    'kernel/instances: supervised: stays in the foreground, logs to standard output, cleans up at TERM',
  ),
  58: proof(
    'the OCF agent',
    'ha/agents: ldirectord: passes ocf-tester',
    'ha/agents: ldirectord: says on stdout what heartbeat looks for, with a broken file too',
  ),
  59: proof(
    'the files of the package',
    'kernel/ldirectord-daemon: serves the sample of the package',
    'kernel/ldirectord-daemon: has a pid file named after the file, or after ldirectord for the default one',
  ),
  60: proof(
    'a table that somebody cleared',
    'kernel/main-job: repairs a table that somebody else cleared or changed',
  ),
  61: proof(
    'no traffic before the first good check, nothing deleted at a start',
    'kernel/first-check: a new server takes no traffic before its first good check',
    'kernel/ldirectord-behaviour: show neither the fallback nor anything that goes again, and touch nothing that is right',
  ),
};
