import { virtualKey } from '../config/keys.ts';
import type { Manager } from './facts.ts';
import { type Check, type Finding, lookedAt, type Subject } from './finding.ts';
import { shellWord } from './shell-word.ts';

/** What else is, or is not, on the machine. */
export const surroundingChecks: readonly Check[] = [
  {
    name: 'other-managers',
    title: 'no other program keeps these virtual servers',
    judge: judgeManagers,
  },
  {
    name: 'packages',
    title: 'the packages that the checks need are installed',
    judge: ({ facts }) => lookedAt(facts.missingPackages.map(missingPackage)),
  },
];

function judgeManagers({ config, facts }: Subject) {
  const own = new Set(config.virtuals.map(({ id }) => virtualKey(id)));
  return lookedAt(
    facts.managers
      .filter((manager) => manager.program !== 'ipvsd' || manager.config !== config.path)
      .flatMap((manager) => rivalry(manager, own)),
  );
}

function rivalry(manager: Manager, own: ReadonlySet<string>): readonly Finding[] {
  const { program, pid, config, services } = manager;
  const name = `${program} (process ${pid}, ${config})`;
  const why = 'each undoes the changes of the other, and clients meet servers that are down';
  if ('unknown' in services) {
    return [
      {
        level: 'info',
        where: name,
        what: `which virtual servers it keeps is not known, because ${services.unknown}`,
        why,
        unseen: true,
      },
    ];
  }
  const shared = services.value.filter((service) => own.has(service));
  if (shared.length === 0) return [];
  const besides = manager.vrrp === undefined ? '' : '; its addresses by VRRP may stay with it';
  const what = `keeps ${shared.join(', ')}, too${besides}`;
  return [{ level: 'error', where: name, what, why, command: stopCommand(manager) }];
}

function stopCommand({ program, config, vrrp }: Manager): string {
  switch (program) {
    case 'keepalived':
      return vrrp === undefined ? 'systemctl disable --now keepalived' : vrrpCommand(vrrp);
    case 'ldirectord':
      return `/usr/sbin/ldirectord ${config} stop`;
    case 'ipvsd':
      return `ipvsd ${config} stop`;
  }
}

/** The addresses stay with it; the last line of the file counts (contrib/keepalived). */
function vrrpCommand(options: readonly string[]): string {
  const line = `DAEMON_ARGS="${[...options, '--vrrp'].join(' ')}"`;
  return `echo ${shellWord(line)} >>/etc/default/keepalived && systemctl restart keepalived`;
}

function missingPackage(name: string): Finding {
  return {
    level: 'error',
    where: name,
    what: 'the npm package is not installed',
    why: 'a file whose checks need it is refused at the start',
    command: `npm install -g ${name}`,
  };
}
