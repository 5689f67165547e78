import { virtualKey } from '../config/keys.ts';
import type { Facts, Network, NetworkInterface, Unseen } from './facts.ts';
import {
  type Check,
  type Finding,
  lookedAt,
  notLookedAt,
  notNeeded,
  type Subject,
} from './finding.ts';
import { setCommand } from './settings.ts';
import { servers, single, type VirtualAddress, virtualAddresses } from './subjects.ts';

/** Is the machine's own, and nobody else's. */
export const virtualAddressChecks: readonly Check[] = [
  {
    name: 'virtual-address',
    title: 'the virtual addresses are on this machine',
    judge: (subject) => perAddress(subject, missingAddress),
  },
  {
    name: 'address-conflict',
    title: 'no other machine answers for the virtual addresses',
    judge: judgeConflicts,
  },
];

function perAddress(
  { config, facts }: Subject,
  judge: (vip: VirtualAddress, network: Network, facts: Facts) => readonly Finding[],
) {
  const vips = virtualAddresses(config);
  if (vips.length === 0) return notNeeded;
  if ('unknown' in facts.network) return notLookedAt(facts.network);
  const { value } = facts.network;
  return lookedAt(vips.flatMap((vip) => judge(vip, value, facts)));
}

/** IPVS takes packets where they are delivered locally (NF_INET_LOCAL_IN), so the route decides. */
function missingAddress(vip: VirtualAddress, network: Network, facts: Facts): readonly Finding[] {
  const { address } = vip;
  if (network.routes[address]?.local) return [];
  const holder = holderOf(address, network);
  if (holder !== undefined) return holder.up ? [] : [onDownInterface(vip, holder)];
  const answers = facts.answers[address];
  const others = answers !== undefined && 'value' in answers ? answers.value : undefined;
  const where = placeOf(vip);
  const [other] = others ?? [];
  if (other !== undefined) {
    const what = `${address} is at another machine (${other}), so that this one stands by`;
    const why = 'clients are served there';
    return [{ level: 'info', where, what, why }];
  }
  const device = network.routes[address]?.interface ?? likelyInterface(network);
  const unknown = answers !== undefined && 'unknown' in answers ? answers.unknown : 'no way there';
  return [
    {
      level: others === undefined ? 'warning' : 'error',
      where,
      what:
        others === undefined
          ? `${address} is on no interface of this machine; whether another one has it is not known (${unknown})`
          : `${address} is on no interface of this machine, and no other one answers for it`,
      why: 'the kernel balances only what is delivered to the machine itself; clients get no answer; where a cluster manager or keepalived moves the address, start that instead',
      command: `ip addr add ${single(address)} dev ${device}`,
    },
  ];
}

/** Where it stands; while it is looked for on other machines, and after it was found, without a route. */
function holderOf(address: string, { interfaces }: Network): NetworkInterface | undefined {
  return interfaces.find(({ addresses }) => addresses.some((one) => one.address === address));
}

function onDownInterface(vip: VirtualAddress, { name }: NetworkInterface): Finding {
  return {
    level: 'error',
    where: placeOf(vip),
    what: `${vip.address} is on ${name}, which is down`,
    why: 'the kernel takes no packet for it; clients get no answer',
    command: `ip link set dev ${name} up`,
  };
}

function likelyInterface({ defaultRoutes, interfaces }: Network): string {
  const [route] = defaultRoutes;
  if (route !== undefined) return route.interface;
  return interfaces.find(({ up, linkType }) => up && linkType !== 'loopback')?.name ?? 'eth0';
}

function judgeConflicts({ config, facts }: Subject) {
  if ('unknown' in facts.network) return notLookedAt(facts.network);
  const network = facts.network.value;
  const isLocal = (address: string) => network.routes[address]?.local === true;
  const vips = virtualAddresses(config).filter(
    ({ address }) => isLocal(address) || holderOf(address, network)?.up,
  );
  if (vips.length === 0) return notNeeded;
  const findings: Finding[] = [];
  const unseen = new Map<string, { readonly why: Unseen; readonly addresses: string[] }>();
  for (const vip of vips) {
    findings.push(...duplicates(vip, network.interfaces));
    const answers = facts.answers[vip.address];
    if (answers === undefined || !isLocal(vip.address)) continue;
    if ('unknown' in answers) {
      const same = unseen.get(answers.unknown) ?? { why: answers, addresses: [] };
      same.addresses.push(vip.address);
      unseen.set(answers.unknown, same);
      continue;
    }
    for (const link of answers.value) findings.push(conflict(vip, link, network, config));
  }
  for (const { why, addresses } of unseen.values()) findings.push(notAsked(why, addresses));
  return lookedAt(findings);
}

function conflict(
  vip: VirtualAddress,
  link: string,
  network: Network,
  config: Subject['config'],
): Finding {
  const at = network.neighbours[link] ?? [];
  const real = servers(config).find(({ address }) => at.includes(address));
  const where = placeOf(vip);
  const why = 'clients that hear it first send their packets there, past the balancing';
  if (real !== undefined) {
    return {
      level: 'error',
      where,
      what: `the real server ${real.address} (${link}) answers ARP requests for ${vip.address}`,
      why,
      command: setCommand({
        'net.ipv4.conf.all.arp_ignore': 1,
        'net.ipv4.conf.all.arp_announce': 2,
      }),
      on: real.address,
    };
  }
  const [known] = at.filter((address) => address !== vip.address);
  return {
    level: 'error',
    where,
    what: `another machine (${link}) answers for ${vip.address}, and this one has it too`,
    why,
    command: `ip addr del ${single(vip.address)} dev INTERFACE`,
    on: known ?? `the machine with ${link}`,
  };
}

function duplicates(
  { address, virtuals: [virtual] }: VirtualAddress,
  interfaces: readonly NetworkInterface[],
): readonly Finding[] {
  return interfaces.flatMap(({ name, addresses }) =>
    addresses
      .filter((one) => one.address === address && one.duplicate)
      .map(({ prefixLength }) => {
        const subject = `${address}/${prefixLength} dev ${name}`;
        return {
          level: 'error',
          where: virtual === undefined ? name : virtualKey(virtual.id),
          what: `the kernel found ${address} on another machine and does not use it on ${name}`,
          why: 'nobody answers for it here until it is added again, when the other one has lost it',
          command: `ip addr del ${subject} && ip addr add ${subject}`,
        };
      }),
  );
}

function notAsked({ unknown, command }: Unseen, addresses: readonly string[]): Finding {
  return {
    level: 'info',
    where: addresses.join(', '),
    what: `whether another machine answers as well was not looked at, because ${unknown}`,
    why: 'two machines with one address get a part of its clients each',
    unseen: true,
    ...(command !== undefined && { command }),
  };
}

function placeOf({ address, virtuals }: VirtualAddress): string {
  const [first] = virtuals;
  return first !== undefined && virtuals.length === 1 ? virtualKey(first.id) : address;
}
