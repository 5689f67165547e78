import { virtualKey } from '../config/keys.ts';
import type { VirtualServer } from '../config/model.ts';
import {
  type Check,
  type Finding,
  lookedAt,
  notLookedAt,
  notNeeded,
  type Subject,
} from './finding.ts';
import { ipvsSetting, numberOf, setCommand } from './settings.ts';
import { servers } from './subjects.ts';

/** The kernel's synchronisation of connections, as far as it is seen on this machine. */
export const syncChecks: readonly Check[] = [
  {
    name: 'sync-format',
    title: 'the synchronisation can carry every connection',
    judge: judgeFormat,
  },
  {
    name: 'sync-interface',
    title: 'the synchronisation has an interface that is up',
    judge: judgeInterface,
  },
  {
    name: 'sync-loop',
    title: 'a director in the backup role does not send packets in a circle',
    judge: judgeLoop,
  },
  {
    name: 'sync-backup-only',
    title: 'a director that sends connections may balance',
    judge: judgeBackupOnly,
  },
];

/** Version 0 of the messages knows IPv4 and addresses only (ip_vs_sync.c: ip_vs_sync_conn_v0). */
function judgeFormat({ config, facts }: Subject) {
  if ('unknown' in facts.ipvs) return notLookedAt(facts.ipvs);
  if (facts.ipvs.value.daemons.length === 0) return notNeeded;
  const name = ipvsSetting('sync_version');
  if (numberOf(facts.settings, name) !== 0) return lookedAt([]);
  const lost = config.virtuals.filter(beyondVersion0);
  const command = setCommand({ [name]: 1 });
  const why = 'another director does not get these connections, and drops them when it takes over';
  return lookedAt(
    lost.map(({ id }): Finding => {
      const what = `${name} is 0, which carries neither IPv6, nor marks, nor persistence engines`;
      return { level: 'error', where: virtualKey(id), what, why, command };
    }),
  );
}

function beyondVersion0({ id, persistentEngine }: VirtualServer): boolean {
  return id.family === 'inet6' || 'fwmark' in id || persistentEngine !== undefined;
}

function judgeInterface({ facts }: Subject) {
  if ('unknown' in facts.ipvs) return notLookedAt(facts.ipvs);
  const { daemons } = facts.ipvs.value;
  if (daemons.length === 0) return notNeeded;
  if ('unknown' in facts.network) return notLookedAt(facts.network);
  const { interfaces } = facts.network.value;
  const isUp = (wanted: string) => interfaces.some(({ name, up }) => up && name === wanted);
  return lookedAt(
    daemons
      .filter((daemon) => !isUp(daemon.interface))
      .map(
        ({ role, interface: name }): Finding => ({
          level: 'error',
          where: name,
          what: `the ${role} of the synchronisation is on ${name}, which is down or gone`,
          why: 'no connection comes to the other director',
          command: `ip link set dev ${name} up`,
        }),
      ),
  );
}

/** Two directors that are real servers, too: the backup must not balance what the master sent it. */
function judgeLoop({ config, facts }: Subject) {
  if ('unknown' in facts.ipvs) return notLookedAt(facts.ipvs);
  const roles = facts.ipvs.value.daemons.map(({ role }) => role);
  if (!roles.includes('backup') || config.standby.table === 'clear') return notNeeded;
  if ('unknown' in facts.network) return notLookedAt(facts.network);
  const { routes } = facts.network.value;
  const own = servers(config).find(
    ({ address, forward, virtual }) =>
      forward !== 'masq' &&
      // those go by the source of the packet
      virtual.markFor === undefined &&
      !address.startsWith('127.') &&
      address !== '::1' &&
      routes[address]?.local,
  );
  if (own === undefined) return notNeeded;
  const name = ipvsSetting('backup_only');
  if (numberOf(facts.settings, name) !== 0) return lookedAt([]);
  const loop =
    'with its table filled, it balances again what the other director sent it, and packets go in circles';
  return lookedAt([
    {
      level: 'warning',
      where: name,
      what: `is 0, and this machine is a backup director and the real server ${own.address}`,
      ...(roles.includes('master')
        ? {
            why: `${loop}; keep the master alone on the active one, and the backup alone on the other, or mark by source, see TWO NODES in ipvsd(8)`,
            command: `ipvsd sync stop ROLE && ${setCommand({ [name]: 1 })}`,
          }
        : { why: loop, command: setCommand({ [name]: 1 }) }),
    },
  ]);
}

/** `sysctl_backup_only` of ip_vs.h asks for the backup and not for what runs besides. */
function judgeBackupOnly({ facts }: Subject) {
  if ('unknown' in facts.ipvs) return notLookedAt(facts.ipvs);
  const roles = facts.ipvs.value.daemons.map(({ role }) => role);
  if (!roles.includes('backup') || !roles.includes('master')) return notNeeded;
  const name = ipvsSetting('backup_only');
  if ((numberOf(facts.settings, name) ?? 0) === 0) return lookedAt([]);
  return lookedAt([
    {
      level: 'error',
      where: name,
      what: 'is 1, and this machine has a backup besides its master',
      why: 'a machine with a backup balances nothing then, whoever is active',
      command: setCommand({ [name]: 0 }),
    },
  ]);
}
