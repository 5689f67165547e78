import type { Facts, Network, NetworkInterface } from './facts.ts';
import {
  type Check,
  type Finding,
  lookedAt,
  notLookedAt,
  notNeeded,
  type Subject,
} from './finding.ts';
import { strictFilter } from './reverse-path.ts';
import { inForce, interfaceSetting, setCommand } from './settings.ts';
import { shellWord } from './shell-word.ts';
import { type Server, servers, single } from './subjects.ts';

/** For a machine that is a real server of the file (`--real-server`). */
export const onRealServerChecks: readonly Check[] = [
  { name: 'in-file', title: 'this machine is a real server of the file', judge: judgeMembership },
  {
    name: 'accepts',
    title: 'the machine takes packets for the virtual addresses',
    judge: (subject) => perWay(subject, ['gate', 'ipip'], accepts),
  },
  {
    name: 'silent',
    title: 'the machine does not answer for the virtual addresses',
    judge: (subject) => perWay(subject, ['gate', 'ipip'], speaks),
  },
  {
    name: 'tunnel-end',
    title: 'the end of the tunnel is up and filters nothing',
    judge: (subject) => perWay(subject, ['ipip'], tunnelEnd),
  },
  {
    name: 'masq-server',
    title: 'the answers go to the director',
    judge: (subject) => perWay(subject, ['masq'], answers),
  },
];

/** The entries of the file that are this machine. */
function ownEntries({ config }: Subject, { interfaces }: Network): readonly Server[] {
  const own = new Set(interfaces.flatMap(({ addresses }) => addresses.map((one) => one.address)));
  return servers(config).filter(
    ({ address }) => own.has(address) && !address.startsWith('127.') && address !== '::1',
  );
}

function judgeMembership(subject: Subject) {
  const { network } = subject.facts;
  if ('unknown' in network) return notLookedAt(network);
  if (ownEntries(subject, network.value).length > 0) return lookedAt([]);
  return lookedAt([
    {
      level: 'error',
      where: subject.config.path,
      what: 'no address of this machine is a real server of the file',
      why: 'the director sends it nothing; nothing else was looked at',
      command: `ipvsd config add-real ${shellWord(subject.config.path)} VIRTUAL ADDRESS gate`,
    },
  ]);
}

type Judge = (vip: Vip, network: Network, facts: Facts) => readonly Finding[];

/** A virtual address that this machine serves, and how. */
interface Vip {
  readonly address: string;
  readonly server: Server;
}

function perWay(subject: Subject, ways: readonly Server['forward'][], judge: Judge) {
  const { facts } = subject;
  if ('unknown' in facts.network) return notLookedAt(facts.network);
  const { value } = facts.network;
  const own = ownEntries(subject, value).filter(({ forward }) => ways.includes(forward));
  const vips = new Map<string, Server>();
  for (const server of own) {
    const { id } = server.virtual;
    if ('address' in id && !vips.has(id.address)) vips.set(id.address, server);
  }
  if (own.length === 0) return notNeeded;
  if (vips.size === 0) {
    return notLookedAt({ unknown: 'the file names marks, and not the virtual addresses' });
  }
  return lookedAt(
    [...vips].flatMap(([address, server]) => judge({ address, server }, value, facts)),
  );
}

function accepts({ address, server }: Vip, { interfaces }: Network): readonly Finding[] {
  const holders = holdersOf(address, interfaces);
  const device = server.forward === 'ipip' ? tunnelDevice(server) : 'lo';
  if (holders.length === 0) {
    return [
      {
        level: 'error',
        where: address,
        what: 'is on no interface of this real server',
        why: 'packets for it are dropped or sent on',
        command: `ip addr add ${single(address)} dev ${device}`,
      },
    ];
  }
  // a whole network on lo makes every address of it the machine's own
  return holders.flatMap(({ name, linkType, addresses }) =>
    addresses
      .filter((one) => one.address === address && linkType === 'loopback')
      .filter(({ family, prefixLength }) => prefixLength < (family === 'inet' ? 32 : 128))
      .map(({ prefixLength }) => ({
        level: 'error',
        where: `${address}/${prefixLength} on ${name}`,
        what: `has the prefix length ${prefixLength} on ${name}`,
        why: 'the machine takes all addresses of that network for its own and answers none of them',
        command: `ip addr del ${address}/${prefixLength} dev ${name} && ip addr add ${single(address)} dev ${name}`,
      })),
  );
}

/** IPv6 answers neighbour solicitations on the interface that has the address, and nowhere else. */
function speaks({ address, server }: Vip, { interfaces }: Network, { settings }: Facts) {
  const findings: Finding[] = [];
  for (const { name, addresses } of holdersOf(address, interfaces).filter(isOnNetwork)) {
    const length = addresses.find((one) => one.address === address)?.prefixLength ?? 32;
    findings.push({
      level: 'error',
      where: `${address} on ${name}`,
      what: `is on ${name}, where the machine answers for it`,
      why: 'clients that hear it come here, past the balancing',
      command: `ip addr del ${address}/${length} dev ${name} && ip addr add ${single(address)} dev ${tunnelDevice(server)}`,
    });
  }
  if (address.includes(':')) return findings;
  const wanted = [
    [
      'arp_ignore',
      1,
      'it answers ARP requests for the virtual address, and clients come here, past the balancing',
    ],
    ['arp_announce', 2, 'its own ARP requests tell everybody that the virtual address is here'],
  ] as const;
  for (const [setting, value, why] of wanted) {
    const loud = interfaces
      .filter((one) => isOnNetwork(one) && one.up)
      .filter(({ name }) => (inForce(settings, name, setting) ?? 0) < value)
      .map(({ name }) => name);
    if (loud.length === 0) continue;
    const all = interfaceSetting('all', setting);
    findings.push({
      level: 'error',
      where: all,
      what: `is below ${value} on ${loud.join(', ')}`,
      why,
      command: setCommand({ [all]: value }),
    });
  }
  return distinct(findings);
}

function tunnelEnd(
  { address, server }: Vip,
  { interfaces }: Network,
  { settings }: Facts,
): readonly Finding[] {
  const name = tunnelDevice(server);
  const isEnd = ({ name: one, kind = '', linkType }: NetworkInterface) =>
    one === name || tunnelKinds.has(kind) || tunnelKinds.has(linkType);
  const ends = interfaces.filter((one) => isEnd(one) && one.up);
  if (ends.length === 0) {
    return [
      {
        level: 'error',
        where: name,
        what: 'no end of a tunnel is up on this real server',
        why: 'the packets of the director are not unwrapped',
        command: `modprobe ${tunnelModule(server)} && ip link set dev ${name} up`,
      },
    ];
  }
  return server.family === 'inet6' ? [] : ends.flatMap((end) => filtering(end, address, settings));
}

/**
 * fib_validate_source() (fib_frontend.c): where the answer would not go out by the interface, 1
 * drops; so does 2, when the interface has no address.
 */
function filtering(
  { name, addresses }: NetworkInterface,
  vip: string,
  settings: Facts['settings'],
): readonly Finding[] {
  const mode = inForce(settings, name, 'rp_filter') ?? 0;
  const isBare = !addresses.some(({ family }) => family === 'inet');
  if (mode === 0 || (mode !== strictFilter && !isBare)) return [];
  const own = interfaceSetting(name, 'rp_filter');
  // the larger of "all" and this one counts, so that 2 (loose) is stronger than 1
  const commands = [
    ...(isBare ? [`ip addr add ${single(vip)} dev ${name}`] : []),
    ...(mode === strictFilter ? [setCommand({ [own]: 2 })] : []),
  ];
  return [
    {
      level: 'error',
      where: own,
      what: `the source filter is ${mode === strictFilter ? 'strict' : 'on'} on ${name}${isBare ? ', which has no address' : ''}`,
      why: 'packets of clients come out of the tunnel and are dropped, as their answers go out elsewhere',
      command: commands.join(' && '),
    },
  ];
}

function answers({ server }: Vip, { defaultRoutes }: Network): readonly Finding[] {
  const route = defaultRoutes.find(({ family }) => family === server.family);
  const where = server.address;
  const why = 'with masq an answer that does not go back by way of the director is lost';
  if (route?.gateway === undefined) {
    const what = 'there is no default route through a gateway';
    const command = 'ip route replace default via DIRECTOR';
    return [{ level: 'warning', where, what, why, command }];
  }
  const what = `answers go to ${route.gateway}, which must be the director`;
  const command = 'ip route replace default via DIRECTOR';
  return [{ level: 'info', where, what, why, command, unseen: true }];
}

const tunnelKinds: ReadonlySet<string> = new Set([
  'ipip',
  'ip6tnl',
  'gre',
  'ip6gre',
  'tunnel6',
  'sit',
]);

function tunnelDevice({ forward, family, tunnel }: Server): string {
  if (forward !== 'ipip') return 'lo';
  if (tunnel?.type === 'gre') return family === 'inet' ? 'gre0' : 'ip6gre0';
  return family === 'inet' ? 'tunl0' : 'ip6tnl0';
}

function tunnelModule({ family, tunnel }: Server): string {
  if (tunnel?.type === 'gre') return family === 'inet' ? 'ip_gre' : 'ip6_gre';
  return family === 'inet' ? 'ipip' : 'ip6_tunnel';
}

function holdersOf(address: string, interfaces: readonly NetworkInterface[]) {
  return interfaces.filter(({ addresses }) => addresses.some((one) => one.address === address));
}

/** Whether others can hear it: not lo, not a dummy, not the end of a tunnel. */
function isOnNetwork({ linkType, kind = '' }: NetworkInterface): boolean {
  return linkType === 'ether' && kind !== 'dummy' && !tunnelKinds.has(kind);
}

function distinct(findings: readonly Finding[]): readonly Finding[] {
  return [...new Map(findings.map((one) => [`${one.where} ${one.what}`, one])).values()];
}
