import { virtualKey } from '../config/keys.ts';
import type { VirtualServer } from '../config/model.ts';
import { findTraps } from '../config/traps/find-traps.ts';
import type { Trap } from '../config/traps/trap.ts';
import type { Facts, Unseen } from './facts.ts';
import {
  type Check,
  type Finding,
  lookedAt,
  notLookedAt,
  notNeeded,
  type Subject,
} from './finding.ts';
import { ipvsSetting, numberOf, setCommand } from './settings.ts';
import { filePlace } from './subjects.ts';

/** Settings of IPVS that the words of the file rely on (Documentation/networking/ipvs-sysctl.rst). */
export const ipvsSettingChecks: readonly Check[] = [
  {
    name: 'failed-servers',
    title: 'clients of a failed real server get another one',
    judge: judgeFailures,
  },
  {
    name: 'port-reuse',
    title: 'clients that use a port again get a new connection at once',
    judge: judgeReuse,
  },
  {
    name: 'sloppy-connections',
    title: 'connections of another director are taken over without synchronisation',
    judge: judgeSloppy,
  },
];

const notThere: Unseen = {
  unknown: 'the settings of IPVS are not there: ip_vs is not in the kernel',
  command: 'modprobe ip_vs',
};

function judgeFailures({ config, facts }: Subject) {
  if (!hasIpvs(facts)) return notLookedAt(notThere);
  const isSet = (name: string) => numberOf(facts.settings, ipvsSetting(name)) !== 0;
  const traps = findTraps(config, {
    expireNodestConn: isSet('expire_nodest_conn'),
    expireQuiescentTemplate: isSet('expire_quiescent_template'),
  });
  return lookedAt(
    traps.flatMap((trap): readonly Finding[] => {
      const command = commandFor(trap, config.path);
      if (command === undefined) return [];
      const where = filePlace(config, trap.virtual, trap.virtual.line);
      const [what = '', why = ''] = trap.message.split(/, as (?=quiescent|net\.)/);
      return [{ level: 'warning', where, what, why: because(why), command }];
    }),
  );
}

/** "net... is 0: set persistentclean=yes, ..." without the advice, which the command gives. */
function because(text: string): string {
  return text.replace(/: set .*$/, '');
}

function commandFor({ code, virtual }: Trap, path: string): string | undefined {
  if (code === 'trap-persistent')
    return setCommand({ [ipvsSetting('expire_quiescent_template')]: 1 });
  if (code !== 'trap-udp') return undefined;
  const set = setCommand({ [ipvsSetting('expire_nodest_conn')]: 1 });
  if (!virtual.quiescent) return set;
  const change = `ipvsd config set ${virtual.file ?? path} ${virtualKey(virtual.id)} quiescent=no`;
  return `${change} && ${set}`;
}

/** Since Linux 5.9 a port that is used again is no trouble for tracked connections (f0a5e4d7a594). */
const reuseFixed = [5, 9] as const;

function judgeReuse({ config, facts }: Subject) {
  if (!config.virtuals.some(isTcp)) return notNeeded;
  if (!hasIpvs(facts)) return notLookedAt(notThere);
  const name = ipvsSetting('conn_reuse_mode');
  const mode = numberOf(facts.settings, name);
  const tracked = numberOf(facts.settings, ipvsSetting('conntrack')) === 1;
  const isOld = isBefore(facts.kernel, reuseFixed);
  if (mode === undefined) return lookedAt([]);
  if (isOld && tracked && mode !== 0) {
    return lookedAt([
      {
        level: 'warning',
        where: name,
        what: `is ${mode}, with net.ipv4.vs.conntrack at 1 on the kernel ${facts.kernel}`,
        why: 'before Linux 5.9 a client that uses a port again waits a second: its first packet is dropped',
        command: setCommand({ [name]: 0 }),
      },
    ]);
  }
  if (mode === 0 && !(isOld && tracked)) {
    return lookedAt([
      {
        level: 'warning',
        where: name,
        what: 'is 0',
        why: 'a client that uses a port again goes to the server it had, though that has failed or is drained',
        command: setCommand({ [name]: 1 }),
      },
    ]);
  }
  return lookedAt([]);
}

function isBefore(release: string, [major, minor]: readonly [number, number]): boolean {
  const [, a, b] = /^(\d+)\.(\d+)/.exec(release) ?? [];
  if (a === undefined || b === undefined) return false;
  return Number(a) < major || (Number(a) === major && Number(b) < minor);
}

/** Maglev hashing sends a client to the same server from every director. */
function judgeSloppy({ config, facts }: Subject) {
  const hashed = config.virtuals.find(
    (virtual) => isTcp(virtual) && ['mh', 'sh'].includes(virtual.scheduler),
  );
  if (hashed === undefined || hashed.reals.some(({ forward }) => forward === 'masq'))
    return notNeeded;
  if (!hasIpvs(facts)) return notLookedAt(notThere);
  const name = ipvsSetting('sloppy_tcp');
  if (numberOf(facts.settings, name) !== 0) return lookedAt([]);
  return lookedAt([
    {
      level: 'info',
      where: virtualKey(hashed.id),
      what: `${name} is 0`,
      why: `only a SYN opens a connection: with several directors, ${hashed.scheduler} alone does not save those of one that died`,
      command: setCommand({ [name]: 1 }),
    },
  ]);
}

function isTcp({ id }: VirtualServer): boolean {
  return 'protocol' in id && id.protocol === 'tcp';
}

function hasIpvs({ settings }: Facts): boolean {
  return (
    settings[ipvsSetting('conn_reuse_mode')] !== undefined ||
    settings[ipvsSetting('expire_nodest_conn')] !== undefined
  );
}
