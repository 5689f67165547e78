import { version } from '../version.ts';

export const versionText = `ipvsd ${version}\n`;

export const usage = `usage: ipvsd run CONFIG [--backend auto|netlink|ipvsadm] [--settings FILE] [--debug]
                  [--role active|standby]
       ipvsd plan CONFIG [--backend auto|netlink|ipvsadm]
       ipvsd status [--json] [CONFIG]
       ipvsd status --monitor 0|10|20 CONFIG
       ipvsd role [active|standby] CONFIG
       ipvsd nft CONFIG [--peer-mac MAC]... [--apply|--remove]
       ipvsd doctor CONFIG [--real-server] [--peer HOST|--peer-facts FILE] [--json|--facts]
                  [--verbose]
       ipvsd sync start master|backup|both INTERFACE [--syncid N] [--port N] [--group ADDRESS]
                  [--maxlen N]
       ipvsd sync stop [master|backup|both]
       ipvsd sync status [master|backup|both] [--json]
       ipvsd import FILE [--from keepalived|ipvsadm] [--config-id ID] [--output FILE]
       ipvsd export --keepalived CONFIG [--output FILE]
       ipvsd config COMMAND ...
       ipvsd genhash OPTIONS
       ipvsd [-d] [CONFIG] start|stop|restart|try-restart|reload|force-reload|status
       ipvsd --help | --version

run     checks the real servers of CONFIG and keeps the kernel's IPVS table true, in foreground;
        FILE says how the process itself runs, /etc/ipvsd/ipvsd.ini when left out
plan    prints what "run" would change in the kernel now, in ipvsadm's words;
        exit 0: nothing, 2: changes, 1: error
status  shows the virtual and real servers of the running daemons, with the reason of each
        server's health; exit 3: none is running. With --monitor one line for cluster managers,
        0: the daemon answers and its main loop goes round, 10: and the kernel's table is as it
        should be, 20: and each virtual server has a live real server; exit 0: so, 1: not so,
        3: stopped
role    makes the running daemon of CONFIG active, with what it knows of the servers, or lets it
        stand by as "standbychecks" and "standbytable" say; without a word prints its role;
        exit 0: it has it, 1: error, 3: no daemon is running, the next one starts with the role
nft     prints the nftables rules that set the marks of CONFIG ("markfor"), but not on packets
        from the network card of another director, which has balanced them already; --apply puts
        them into the kernel, --remove takes them out
doctor  looks for what keeps CONFIG from working on this machine, as a director or, with
        --real-server, as a real server of it: addresses and who else answers for them, routes,
        settings, modules, rules; prints each finding with the command that mends it;
        exit 0: nothing to mend, 1: errors or warnings, 2: wrong call or broken file
sync    starts and stops the kernel's connection synchronisation; a daemon that runs as it
        should is left alone, one that runs otherwise is started anew; exit 3: not running
import  prints a keepalived.conf, or what ipvsadm-save wrote, as a CONFIG; what is not as it was is
        listed on stderr; exit 0: nothing is missing, 3: something is, 2: errors
export  prints CONFIG as a keepalived.conf, and lists what that cannot do, in the same way
config  checks, shows, explains, formats and edits configuration files: "ipvsd config --help"
genhash prints the digest of a page for a check, as keepalived's genhash: "ipvsd genhash --help"
The last form is ldirectord's; CONFIG is searched in /etc/ha.d, /etc/ha.d/conf and as given.
`;

export const ldirectordUsage = `usage: ldirectord [-d|--debug] [--] [CONFIG] ACTION
       ldirectord -h|--help | -v|--version

ACTION  start, stop, restart, try-restart, reload, force-reload or status
CONFIG  searched in /etc/ha.d, /etc/ha.d/conf and as given; ldirectord.cf when left out
-d      stay in foreground, log everything to stderr
`;

export const configUsage = `usage: ipvsd config check FILE... [--strict] [--json]
       ipvsd config show FILE [--json]
       ipvsd config show --schema
       ipvsd config explain [WORD]
       ipvsd config explain timing FILE
       ipvsd config format FILE [--write]
       ipvsd config add-virtual FILE VIRTUAL [NAME=VALUE]... [--dry-run]
       ipvsd config add-real FILE VIRTUAL HOST[:PORT] gate|masq|ipip [WEIGHT]... [--dry-run]
       ipvsd config set FILE [VIRTUAL] NAME=VALUE... [--dry-run]
       ipvsd config set FILE VIRTUAL REAL weight=N [--dry-run]
       ipvsd config remove FILE VIRTUAL [REAL] [--dry-run]
       ipvsd config remove FILE [VIRTUAL] directive NAME [--dry-run]

check        prints all errors and warnings of all files, traps included;
             exit 0: warnings at most, 2: errors. --strict refuses what ldirectord refuses
show         what the file means: defaults filled in, names looked up; --json prints passwords too
explain      what a directive, a type of check or a parameter of checks is for; timing: how fast
             failures and recoveries are noticed
format       the file in canonical layout; comments and blank lines stay
add-virtual, add-real, set, remove
             change what is named and leave every other byte of the file as it is; print the diff.
             Without VIRTUAL: the global lines. exit 2: the file has, or would have, errors, and
             nothing is written; 1: there is no such thing in the file

VIRTUAL  [tcp:|udp:|sctp:]ADDRESS:PORT or [fwm:|fwm6:]MARK, in any spelling of the same
REAL     ADDRESS[:PORT]; a repeated one is ADDRESS:PORT#2

  ipvsd config add-virtual www.cf 10.0.0.1:80 scheduler=wlc service=http
  ipvsd config add-real www.cf 10.0.0.1:80 10.0.0.2:80 gate 5
  ipvsd config set www.cf 10.0.0.1:80 persistent=600 'request=index.html'
  ipvsd config remove www.cf 10.0.0.1:80 10.0.0.2:80
`;

export const genhashUsage = `usage: ipvsd genhash -s SERVER -p PORT -u PATH [OPTION]...
       genhash -s SERVER -p PORT -u PATH [OPTION]...

prints the digest of the body at PATH, as a check of type http or https computes it.
keepalived's options:
  -s, --server SERVER           address, or a name for its first address
  -p, --port PORT               1 to 65535
  -u, --url PATH                given several times: each, with its path behind the digest
  -S, --use-ssl                 over TLS; certificates are not looked at
  -I, --use-sni                 with the NAME of -V as server name indication
  -V, --use-virtualhost NAME    Host header, verbatim; SERVER:PORT when left out
  -P, --protocol VERSION        1.0, 1.0c (1.0 with "Connection: close") or 1.1; 1.0 when left out
  -t, --timeout SECONDS         for each page; no limit when left out
  -v, --verbose                 shows header, body and digest as they come
  -m, --fwmark MARK             refused: Node.js cannot set it
  -h, --help                    this
and more:
      --sha256                  SHA-256 instead of MD5
      --status LIST             fails when the status is none of these: "200 301-302"
      --lines                   prints a check block for the configuration file
      --diff                    fetches twice and shows what differs; exit 2 when something does
      --compat                  as keepalived in every way: failures on stdout with exit 0, waits
                                until the server closes, the last of several PATHs counts
exit 0: all fetched, 1: not so
`;
