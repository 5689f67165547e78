import { isIPv6 } from 'node:net';
import type { SyncDaemon } from '../ipvs-netlink/daemon.ts';
import {
  type Check,
  type Finding,
  lookedAt,
  notLookedAt,
  notNeeded,
  type Subject,
} from './finding.ts';
import type { PeerFacts } from './peer-facts.ts';
import { ipvsSetting, setCommand } from './settings.ts';
import { shellWord } from './shell-word.ts';

/** This director against another one. */
export const peerChecks: readonly Check[] = [
  {
    name: 'peer-file',
    title: 'the other director has the same file',
    judge: (subject) => withPeer(subject, compareFiles),
  },
  {
    name: 'peer-version',
    title: 'the other director has the same ipvsd',
    judge: (subject) => withPeer(subject, compareVersions),
  },
  {
    name: 'peer-sync',
    title: 'the synchronisation fits that of the other director',
    judge: judgeSync,
  },
];

function withPeer(
  subject: Subject,
  compare: (subject: Subject, peer: PeerFacts) => readonly Finding[],
) {
  return subject.peer === undefined ? notNeeded : lookedAt(compare(subject, subject.peer));
}

function compareFiles({ config, facts }: Subject, peer: PeerFacts): readonly Finding[] {
  if (facts.digest === peer.digest) return [];
  const paths = config.files.filter((path) => !path.endsWith('/'));
  return [
    {
      level: 'error',
      where: config.path,
      what: `is not the same as on ${peer.host}`,
      why: 'after a takeover clients get other servers, or other checks; the command takes this one for the right one',
      command: paths.map((path) => copyCommand(path, peer.host)).join(' && '),
    },
  ];
}

function copyCommand(path: string, host: string): string {
  return `scp ${shellWord(path)} ${shellWord(`${scpHost(host)}:${path}`)}`;
}

/** scp takes the first colon for the end of the host. */
function scpHost(host: string): string {
  const [, user = '', address = ''] = /^(.*@)?(.*)$/.exec(host) ?? [];
  return isIPv6(address) ? `${user}[${address}]` : host;
}

function compareVersions({ facts }: Subject, peer: PeerFacts): readonly Finding[] {
  if (facts.ipvsd === peer.ipvsd) return [];
  const [older, newer] = isOlder(facts.ipvsd, peer.ipvsd)
    ? [facts.host, peer.ipvsd]
    : [peer.host, facts.ipvsd];
  return [
    {
      level: 'warning',
      where: 'ipvsd',
      what: `${facts.host} has version ${facts.ipvsd}, ${peer.host} has ${peer.ipvsd}`,
      why: 'one file may mean different things to them',
      command: `npm install -g ./ipvsd-${newer}.tgz`,
      ...(older !== facts.host && { on: older }),
    },
  ];
}

function isOlder(one: string, other: string): boolean {
  return one.localeCompare(other, 'en', { numeric: true }) < 0;
}

function judgeSync({ facts, peer }: Subject) {
  if (peer === undefined) return notNeeded;
  if ('unknown' in facts.ipvs) return notLookedAt(facts.ipvs);
  if ('unknown' in peer.ipvs) {
    return notLookedAt({ unknown: `${peer.host}: ${peer.ipvs.unknown}` });
  }
  const own = facts.ipvs.value.daemons;
  const others = peer.ipvs.value.daemons;
  if (own.length === 0 && others.length === 0) return notNeeded;
  const name = ipvsSetting('sync_version');
  const [here, there] = [facts.settings[name], peer.settings[name]];
  const findings: Finding[] = [];
  if (here !== undefined && there !== undefined && here !== there) {
    findings.push({
      level: 'error',
      where: name,
      what: `is ${here} here and ${there} on ${peer.host}`,
      why: 'they do not understand each other’s connections',
      command: setCommand({ [name]: 1 }),
      ...(here === '1' && { on: peer.host }),
    });
  }
  for (const daemon of own) findings.push(...counterpart(daemon, others, peer.host));
  for (const daemon of others) {
    if (own.some(({ role }) => role !== daemon.role)) continue;
    findings.push(missingHere(daemon, peer.host));
  }
  return lookedAt(findings);
}

type Daemon = PeerFacts['ipvs'] extends infer T
  ? T extends { value: { daemons: (infer D)[] } }
    ? D
    : never
  : never;

const opposite = { master: 'backup', backup: 'master' } as const;

function counterpart(
  daemon: SyncDaemon,
  others: readonly Daemon[],
  host: string,
): readonly Finding[] {
  const other = others.find(({ role }) => role !== daemon.role);
  if (other === undefined) return [missing(daemon, host)];
  const differences = [
    // a backup with 0 takes messages of every id
    ...(daemon.syncId !== other.syncId && backupId(daemon, other) !== 0
      ? [`syncid ${daemon.syncId} here and ${other.syncId} there`]
      : []),
    ...(daemon.group !== other.group
      ? [`group ${daemon.group} here and ${other.group} there`]
      : []),
    ...(daemon.port !== other.port ? [`port ${daemon.port} here and ${other.port} there`] : []),
  ];
  if (differences.length === 0) return [];
  return [
    {
      level: 'error',
      where: `${daemon.role} on ${daemon.interface}`,
      what: `does not fit the ${other.role} of ${host}: ${differences.join(', ')}`,
      why: 'no connection comes to the other director',
      command: startCommand(daemon.role, daemon.interface, other),
    },
  ];
}

function backupId(one: Daemon, other: Daemon): number {
  return one.role === 'backup' ? one.syncId : other.syncId;
}

/** A daemon of this director, whose other half is missing on that host. */
function missing(daemon: Daemon, host: string): Finding {
  return { ...withoutHalf(daemon), what: `has no ${opposite[daemon.role]} on ${host}`, on: host };
}

/** A daemon of that host, whose other half is missing here. */
function missingHere(daemon: Daemon, host: string): Finding {
  return { ...withoutHalf(daemon), what: `of ${host} has no ${opposite[daemon.role]} here` };
}

function withoutHalf(daemon: Daemon): Omit<Finding, 'what' | 'on'> {
  return {
    level: 'warning',
    where: `${daemon.role} on ${daemon.interface}`,
    why: 'its connections are lost when the other director takes over',
    command: startCommand(opposite[daemon.role], daemon.interface, daemon),
  };
}

function startCommand(role: string, name: string, { syncId, group, port }: Daemon): string {
  return [
    `ipvsd sync start ${role} ${name} --syncid ${syncId}`,
    ...(port === undefined ? [] : [`--port ${port}`]),
    ...(group === undefined ? [] : [`--group ${group}`]),
  ].join(' ');
}
