import { virtualKey } from '../config/keys.ts';
import type { Config, VirtualServer } from '../config/model.ts';
import { type Check, type Finding, lookedAt, type Subject } from './finding.ts';
import { ipvsSetting, numberOf, setCommand } from './settings.ts';

const ftpPort = 21;

export const moduleChecks: readonly Check[] = [
  { name: 'modules', title: 'the kernel has the modules that the file needs', judge: judgeModules },
  {
    name: 'connection-tracking',
    title: 'connection tracking of IPVS has room',
    judge: judgeTracking,
  },
];

/** A module, and what needs it. */
interface Need {
  readonly module: string;
  readonly where: string;
  readonly why: string;
}

/** The modules of the kernel that a file needs (request_module in ip_vs_sched.c and ip_vs_pe.c). */
export function neededModules({ virtuals }: Config): readonly Need[] {
  const needs = virtuals.flatMap((virtual) => modulesOf(virtual));
  const ipvs = { module: 'ip_vs', where: 'kernel', why: 'nothing is balanced without it' };
  return [...new Map([ipvs, ...needs].map((need) => [need.module, need])).values()];
}

function modulesOf(virtual: VirtualServer): readonly Need[] {
  const where = virtualKey(virtual.id);
  const { scheduler, persistentEngine } = virtual;
  return [
    {
      module: `ip_vs_${scheduler}`,
      where,
      why: `the kernel refuses the service without its scheduler ${scheduler}`,
    },
    ...(persistentEngine === undefined
      ? []
      : [
          {
            module: `ip_vs_pe_${persistentEngine}`,
            where,
            why: `the kernel refuses the service without its persistence engine ${persistentEngine}`,
          },
        ]),
  ];
}

/** Whether ftp needs its helper: with masq the server's address stands in the control connection. */
export function needsFtpHelper({ id, reals }: VirtualServer): boolean {
  return 'port' in id && id.port === ftpPort && reals.some(({ forward }) => forward === 'masq');
}

function judgeModules({ config, facts }: Subject) {
  const missing = neededModules(config).filter(({ module }) => facts.modules[module] === 'missing');
  const findings = missing.map(({ module, where, why }): Finding => {
    const what = `the kernel ${facts.kernel} has no module ${module}, or it is not listed`;
    return { level: 'error', where, what, why, command: `depmod -a && modprobe ${module}` };
  });
  const unknown = neededModules(config).filter(({ module }) => facts.modules[module] === 'unknown');
  if (unknown.length > 0) {
    findings.push({
      level: 'info',
      where: unknown.map(({ module }) => module).join(', '),
      what: `whether the kernel has them was not looked at, because there is no /lib/modules/${facts.kernel} or no modprobe`,
      why: 'a service whose scheduler is missing is refused by the kernel',
      unseen: true,
    });
  }
  const ftp = config.virtuals.find(needsFtpHelper);
  if (ftp !== undefined && facts.modules['ip_vs_ftp'] !== 'loaded') {
    findings.push({
      level: 'warning',
      where: virtualKey(ftp.id),
      what: 'ip_vs_ftp is not loaded',
      why: 'with masq, passive ftp tells clients the address of the real server; the module rewrites it',
      command: 'modprobe ip_vs_ftp',
    });
  }
  return lookedAt(findings);
}

const almostFull = 0.9;

/** vs/conntrack: connections of IPVS stand in the table of nf_conntrack, too. */
function judgeTracking({ facts }: Subject) {
  const { settings } = facts;
  if (numberOf(settings, ipvsSetting('conntrack')) !== 1) return lookedAt([]);
  const limit = 'net.netfilter.nf_conntrack_max';
  const max = numberOf(settings, limit);
  const count = numberOf(settings, 'net.netfilter.nf_conntrack_count');
  if (max === undefined || count === undefined) {
    return lookedAt([
      {
        level: 'error',
        where: ipvsSetting('conntrack'),
        what: 'is 1, and nf_conntrack is not loaded',
        why: 'rules that look at the state of connections see none of those that are balanced',
        command: 'modprobe nf_conntrack',
      },
    ]);
  }
  if (max === 0 || count < max * almostFull) return lookedAt([]);
  return lookedAt([
    {
      level: 'warning',
      where: limit,
      what: `${count} of ${max} connections are tracked`,
      why: 'when the table is full, packets of new connections are dropped',
      command: setCommand({ [limit]: max * 2 }),
    },
  ]);
}
