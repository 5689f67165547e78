import { version } from '../version.ts';

export const versionText = `ipvsd ${version}\n`;

export const usage = `usage: ipvsd run CONFIG [--backend auto|netlink|ipvsadm] [--settings FILE] [--debug]
       ipvsd plan CONFIG [--backend auto|netlink|ipvsadm]
       ipvsd status [--json] [CONFIG]
       ipvsd [-d] [CONFIG] start|stop|restart|try-restart|reload|force-reload|status
       ipvsd --help | --version

run     checks the real servers of CONFIG and keeps the kernel's IPVS table true, in foreground;
        FILE says how the process itself runs, /etc/ipvsd/ipvsd.ini when left out
plan    prints what "run" would change in the kernel now, in ipvsadm's words;
        exit 0: nothing, 2: changes, 1: error
status  shows the virtual and real servers of the running daemons, with the reason of each
        server's health; exit 3: none is running
The last form is ldirectord's; CONFIG is searched in /etc/ha.d, /etc/ha.d/conf and as given.
`;

export const ldirectordUsage = `usage: ldirectord [-d|--debug] [--] [CONFIG] ACTION
       ldirectord -h|--help | -v|--version

ACTION  start, stop, restart, try-restart, reload, force-reload or status
CONFIG  searched in /etc/ha.d, /etc/ha.d/conf and as given; ldirectord.cf when left out
-d      stay in foreground, log everything to stderr
`;
