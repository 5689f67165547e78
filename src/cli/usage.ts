import { version } from '../version.ts';

export const versionText = `ipvsd ${version}\n`;

export const usage = `usage: ipvsd run CONFIG [--backend auto|netlink|ipvsadm] [--debug]
       ipvsd plan CONFIG [--backend auto|netlink|ipvsadm]
       ipvsd status [--json] [CONFIG]
       ipvsd status --monitor 0|10|20 CONFIG
       ipvsd sync start master|backup|both INTERFACE [--syncid N] [--port N] [--group ADDRESS]
                  [--maxlen N]
       ipvsd sync stop [master|backup|both]
       ipvsd sync status [master|backup|both] [--json]
       ipvsd [-d] [CONFIG] start|stop|restart|try-restart|reload|force-reload|status
       ipvsd --help | --version

run     checks the real servers of CONFIG and keeps the kernel's IPVS table true, in foreground
plan    prints what "run" would change in the kernel now, in ipvsadm's words;
        exit 0: nothing, 2: changes, 1: error
status  shows the virtual and real servers of the running daemons, with the reason of each
        server's health; exit 3: none is running. With --monitor one line for cluster managers,
        0: the daemon answers and its main loop goes round, 10: and the kernel's table is as it
        should be, 20: and each virtual server has a live real server; exit 0: so, 1: not so,
        3: stopped
sync    starts and stops the kernel's connection synchronisation; a daemon that runs as it
        should is left alone, one that runs otherwise is started anew; exit 3: not running
The last form is ldirectord's; CONFIG is searched in /etc/ha.d, /etc/ha.d/conf and as given.
`;

export const ldirectordUsage = `usage: ldirectord [-d|--debug] [--] [CONFIG] ACTION
       ldirectord -h|--help | -v|--version

ACTION  start, stop, restart, try-restart, reload, force-reload or status
CONFIG  searched in /etc/ha.d, /etc/ha.d/conf and as given; ldirectord.cf when left out
-d      stay in foreground, log everything to stderr
`;
