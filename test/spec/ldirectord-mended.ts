import { type Proof, proof } from './proof.ts';

/** The weaknesses of ldirectord that its description lists, by number. */
export const weaknesses: Readonly<Record<number, Proof>> = {
  1: proof(
    'one check after the other',
    'kernel/ldirectord-daemon: is held up by a silent server neither in its other checks, nor in reload, nor in stop',
    'health/scheduler: then spreads them evenly, and never waits longer than the interval',
  ),
  2: proof(
    'checks and commands without a time limit',
    'checks/pop: is down at the deadline when the server says …',
    'kernel/servers-databases: is down at the deadline when the query takes too long',
    'checks/oracle: is down by the deadline, wherever the server falls silent',
    'kernel/servers-sip-ftp-nntp: is down at the deadline while it is frozen, and up after',
    'alerts/mail/outbox: gives a silent server 30 seconds, and keeps the order of its letters',
    'alerts/fallback-command: kills a command after 30 seconds, says so, and goes on',
    'alerts/callback: is ended after a minute',
    'daemon/maintenance-directory: asks for host names when the file is loaded, and never when a file comes',
  ),
  3: proof(
    'a process for each section, with knowledge of its own',
    'kernel/ldirectord-daemon: with fork=yes: checks each section at its own interval, without processes for it',
  ),
  4: proof(
    'traffic for servers that nobody has checked; fallback and its command flap',
    'kernel/first-check: one that fails its first check takes none at all, and is let in by a good one',
    'daemon/daemon: shows no fallback while the first answers are on their way, and then only if it must',
    'kernel/alerts: runs nothing and mails nothing at a start that finds its servers well',
  ),
  5: proof(
    'the kernel is listed twice for every change',
    'reconcile/reconciler: does not read the kernel for a change of health',
  ),
  6: proof(
    'no comparison with the kernel, failed changes are forgotten',
    'kernel/main-job: repairs a table that somebody else cleared or changed',
    'kernel/refusals: one service with an unknown scheduler is named, the others are served',
    'reconcile/reconciler: deletes a service that leaves the desired table, also when the first try fails',
  ),
  7: proof(
    'a failed reload breaks what runs',
    'kernel/ldirectord-daemon: keeps the whole old file when autoreload meets a broken one, and goes on checking',
    'kernel/ldirectord-calls: a bad file on SIGHUP keeps the old configuration whole, and status says so',
  ),
  8: proof(
    'checks that are good, or bad, whatever happens',
    'checks/external: is down when the command dies of a signal',
    'kernel/ldirectord-behaviour: are bad at a closed port; checktype=on is what they were',
    'config/ldirectord/resolve: is always a negotiate with checktype=0, and for udp',
    'kernel/servers-dns-proxy: is up at any answer without receive, also behind an alias',
  ),
  9: proof(
    'shared checks: logins, counters; ldap counts twice',
    'health/server-health: runs checks with another login or password apart',
    'health/server-health: runs identical checks of several virtuals once, and counts for each',
    'checks/ldap: is down unless there is exactly one entry',
  ),
  10: proof(
    'imap expunges and has fixed ports; active ftp; no SNI; endless pages; redirects',
    'checks/imap: logs in, and neither selects nor expunges',
    'checks/imap: is up when … greets, on the port that it is told',
    'checks/ftp: fetches the file from … over a passive connection',
    'checks/http: reads no more than a megabyte',
    'checks/http: follows seven, and not eight',
  ),
  11: proof(
    'a server twice in a section',
    'reconcile/desired: needs all lines of one destination to be up',
    'config/ldirectord/resolve: numbers a real that stands in it several times',
  ),
  12: proof(
    'fallback of marks, ranges, two colons, "#", ports forgotten',
    'kernel/ldirectord-behaviour: leaves its clients to the global fallback of the family, behind a mark too',
    'config/ldirectord/address-range: compares numbers, not digits',
    'config/ldirectord/values/real-line: has one colon before the port; of two ldirectord makes another server',
    'config/ldirectord/lexer: keeps a "#" between quotes where the value may be quoted',
    'support/ldirectord-rows: an address without a port, which ldirectord takes for firewall mark 10',
  ),
  13: proof(
    'what kills it and leaves its rules: expressions, files, packages, signals',
    'config/ldirectord/directives: refuses … in one error',
    'kernel/alerts: a monitorfile that cannot be written and a mail server that is gone change nothing',
    'checks/optional-package: refuses a file that needs them, names each, and has nothing against the rest',
    'kernel/ldirectord-daemon: is left alone by signals that would kill it otherwise',
    'kernel/ldirectord-daemon: cleans up at …, also when it comes twice',
    'checks/registry: turns what a check throws into a reason',
  ),
  14: proof(
    'stop, restart and start return too early, or never',
    'kernel/ldirectord-calls: stop: returns when the daemon is gone and the kernel is clean; a second stop is fine',
    'kernel/ldirectord-calls: start: returns when the rules are applied; a second start does nothing',
    'kernel/ldirectord-calls: restart: another process, the same table',
    'daemon/daemon: stop does not wait for ever for a check that does not end',
  ),
  15: proof(
    'manual and program differ: here the manual is compared with the tables',
    'man/ipvsd-cf: …: scope, type, default and sentence',
    'kernel/alerts: writes a line into the monitorfile for every check',
    'health/server-health: takes checktype=on for up and checktype=off for what the kernel says, without a probe',
    'daemon/autoreload: does not mind a touch, nor a file that is gone',
  ),
  16: proof(
    'a long list of packages',
    'contributing: gives a reason for every dependency, and for nothing else',
    'checks/optional-package: refuses a file that needs them, names each, and has nothing against the rest',
  ),
};

/** What users wrote to its authors, as far as it is about behaviour. */
export const threads: Readonly<Record<string, Proof>> = {
  750: proof(
    'fallbackcommand at the end of the daemon',
    'kernel/alerts: at the end of the daemon a fallbackcommand that was started is stopped',
  ),
  361: proof(
    'https with certificates of another name',
    'checks/https: is up with a chain of a trusted authority at …, whatever its name',
  ),
  1436: proof('ldaps', 'kernel/servers-directory: is up for … at the root entry'),
  1605: proof(
    'connection thresholds',
    'kernel/ldirectord-rows: are set while a server is up and zero while it is quiescent',
  ),
  1440: proof(
    'schedflags',
    'support/ldirectord-rows: persistence, netmask, scheduler and its flags',
  ),
  389: proof('ops', 'support/ldirectord-rows: one-packet scheduling and tunnels'),
  541: proof(
    'a stop that was killed half-way',
    'kernel/ldirectord-calls: stop: returns when the daemon is gone and the kernel is clean; a second stop is fine',
    'kernel/monitor: finds a killed daemon stopped; stop then cleans the kernel for it',
  ),
  870: proof(
    'spurious mails: reminders, starts, fallbacks',
    'kernel/alerts: a reload, and a restart after kill -9, repeat neither the command nor the mails',
    'alerts/mail/mail-alerts: a reload does not disturb the reminders, but follows another frequency',
    'kernel/ldirectord-mails: emailalertstatus=running: tell failure, reminders and recovery, not start and stop',
  ),
  775: proof(
    'servicename and comment',
    'kernel/ldirectord-mails: emailalertstatus=running: tell failure, reminders and recovery, not start and stop',
    'alerts/mail/mail-alerts: has no prefix and no lines for a name and a comment that are not set',
  ),
  745: proof('failures of a server that was never up', 'health/hysteresis: bad from the start'),
  814: proof('http over IPv6', 'checks/http: puts an IPv6 address in brackets'),
  675: proof(
    'dns on another port, receive as an expression; arguments of fallbackcommand',
    'kernel/servers-dns-proxy: is down when no answer matches, or none is of the type',
    "alerts/fallback-runs: names the virtual server as …, behind the command's own arguments",
  ),
  318: proof(
    'ldap that hangs',
    'checks/ldap: is down at the deadline when the server falls silent after the login',
  ),
  125: proof(
    'readdquiescent',
    'kernel/ldirectord-behaviour: has weight 0 with quiescent, also from the start and when somebody takes it out',
  ),
};

/** What each directive does; where it can be seen there, in the running program. */
export const behaviour: Readonly<Record<string, readonly string[]>> = {
  virtual: ['kernel/main-job: has both servers in the kernel as soon as it serves'],
  virtual6: ['support/ldirectord-rows: IPv6 addresses in any spelling'],
  real6: ['support/ldirectord-rows: IPv6 addresses in any spelling'],
  checkinterval: [
    'kernel/ldirectord-daemon: with fork=yes: checks each section at its own interval, without processes for it',
  ],
  checktimeout: [
    'config/ldirectord/resolve: global "…", section "…": … and … s',
    'kernel/first-check: stays until a bad one: here, none at all within the timeout',
  ],
  negotiatetimeout: [
    'config/ldirectord/resolve: global "…", section "…": … and … s',
    'kernel/servers-databases: is down at the deadline when the query takes too long',
  ],
  checktype: [
    'checks/registry: runs every type',
    'kernel/ldirectord-behaviour: are bad at a closed port; checktype=on is what they were',
  ],
  service: [
    'checks/registry: runs every service',
    'config/ldirectord/resolve: follows from the port of the virtual',
  ],
  checkport: ['config/ldirectord/resolve: of … under … with … is …'],
  checkcommand: [
    'kernel/ldirectord-behaviour: gives virtual and real server as four words; checkport does not change them',
  ],
  request: [
    'config/ldirectord/resolve: gets the words of the real server first, with a leading slash',
  ],
  receive: ['checks/http: looks for the expression in the body'],
  httpmethod: ['checks/http: finds no text in the answer to HEAD'],
  virtualhost: ['checks/http: sends the virtualhost as Host'],
  login: ['kernel/servers-mail: is up at … for …, with and without a login'],
  passwd: ['kernel/servers-mail: is down for … with a wrong password or user'],
  database: ['kernel/servers-databases: is down with a wrong login, database or query'],
  secret: ['kernel/servers-directory: does not answer to a wrong secret'],
  load: ['config/ldirectord/directives: is in the fixtures as a whole'],
  quiescent: [
    'kernel/ldirectord-behaviour: gets weight 0 or is removed, by quiescent of its section, and the log says so',
  ],
  readdquiescent: [
    'kernel/ldirectord-behaviour: has weight 0 with quiescent, also from the start and when somebody takes it out',
  ],
  checkcount: ['checks/ping: tries as often as it is told to'],
  failurecount: [
    'kernel/first-check: failurecount bad checks in a row take it out, "rise" good ones bring it back',
  ],
  fallback: [
    'kernel/main-job: puts the fallback in when both are down',
    'kernel/ldirectord-behaviour: leaves its clients to the global fallback of the family, behind a mark too',
  ],
  fallback6: [
    'kernel/ldirectord-behaviour: leaves its clients to the global fallback of the family, behind a mark too',
  ],
  fallbackcommand: [
    'kernel/alerts: all servers die: the fallbackcommand starts once, mails tell it and remind',
    'kernel/alerts: at the end of the daemon a fallbackcommand that was started is stopped',
    'kernel/alerts: a fallbackcommand that hangs holds up neither failover nor stop',
  ],
  callback: [
    'kernel/ldirectord-daemon: takes a touch of its file for nothing; new content is read and calls back once',
  ],
  cleanstop: [
    'kernel/ldirectord-daemon: with cleanstop=no leaves the table as it is, and no pid file',
  ],
  maintenancedir: [
    'kernel/alerts: maintenancedir: a file named after an address takes a server out at once',
    'daemon/maintenance-directory: sees at once what comes and goes, without any clock',
    'daemon/maintenance-directory: asks for host names when the file is loaded, and never when a file comes',
    'daemon/maintenance-directory: a directory that is missing warns once, and counts when it comes',
  ],
  monitorfile: ['kernel/alerts: writes a line into the monitorfile for every check'],
  emailalert: [
    'kernel/ldirectord-mails: tell start and stop too without it, to each of two recipients',
  ],
  emailalertfrom: [
    'kernel/ldirectord-mails: tell start and stop too without it, to each of two recipients',
  ],
  emailalertfreq: [
    'kernel/ldirectord-mails: emailalertstatus=running: tell failure, reminders and recovery, not start and stop',
  ],
  emailalertstatus: [
    'kernel/ldirectord-mails: emailalertstatus=running: tell failure, reminders and recovery, not start and stop',
  ],
  smtp: [
    'kernel/alerts: mails every change by STARTTLS and login, one mail for all recipients',
    'alerts/mail/send-letter: without a mail server: hands the mail to sendmail, recipients as arguments',
  ],
  servicename: [
    'kernel/ldirectord-mails: emailalertstatus=running: tell failure, reminders and recovery, not start and stop',
  ],
  comment: [
    'kernel/ldirectord-mails: emailalertstatus=running: tell failure, reminders and recovery, not start and stop',
  ],
  execute: [
    'kernel/instances: execute: starts, asks, reloads and stops the further ones; two that name each other too',
  ],
  fork: [
    'kernel/ldirectord-daemon: with fork=yes: checks each section at its own interval, without processes for it',
  ],
  supervised: [
    'kernel/instances: supervised: stays in the foreground, logs to standard output, cleans up at TERM',
  ],
  logfile: [
    'kernel/logging: go to a file as JSON lines, also after the file was rotated',
    'kernel/logging: go to syslog when logfile names a facility',
  ],
  autoreload: [
    'kernel/ldirectord-calls: autoreload=yes: a changed file comes into force by itself, a touched one does nothing',
  ],
  scheduler: ['kernel/ldirectord-calls: …: puts the new file in force, fails when stopped'],
  schedflags: ['support/ldirectord-rows: persistence, netmask, scheduler and its flags'],
  ops: ['support/ldirectord-rows: one-packet scheduling and tunnels'],
  netmask: [
    'support/ldirectord-rows: persistence, netmask, scheduler and its flags',
    'support/ldirectord-rows: a netmask without persistence goes nowhere',
  ],
  persistent: ['support/ldirectord-rows: persistence, netmask, scheduler and its flags'],
  protocol: [
    'support/ldirectord-rows: port 53 is udp unless said otherwise, and both live side by side',
  ],
  real: [
    'config/ldirectord/values/real-line: 10.9.0.2:80 gate u:100 l:50',
    'kernel/ldirectord-rows: are set while a server is up and zero while it is quiescent',
    'support/ldirectord-rows: a range of servers',
  ],
};
