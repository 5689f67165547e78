import type { AddressFamily } from '../config/endpoint.ts';
import type { Facts, Network } from './facts.ts';
import {
  type Check,
  type Finding,
  lookedAt,
  notLookedAt,
  notNeeded,
  type Subject,
} from './finding.ts';
import { inForce, interfaceSetting, numberOf, setCommand } from './settings.ts';
import { onePerAddress, type Server, serverPlace, servers, virtualAddresses } from './subjects.ts';

/** Answers of real servers with masq go through this machine; with gate and ipip they do not. */
export const forwardingChecks: readonly Check[] = [
  {
    name: 'ip-forward',
    title: 'the kernel forwards the answers of real servers with masq',
    judge: judgeForwarding,
  },
  {
    name: 'redirects',
    title: 'no ICMP redirects lead real servers with masq past this machine',
    judge: judgeRedirects,
  },
  {
    name: 'return-path',
    title: 'real servers with masq answer by way of this machine',
    judge: judgeReturnPath,
  },
];

/** Real servers with masq elsewhere, one an address. */
function masqueraded({ config, facts }: Subject): readonly Server[] {
  const { network } = facts;
  const isLocal = (address: string) =>
    'value' in network && network.value.routes[address]?.local === true;
  const all = servers(config).filter(
    ({ forward, address }) => forward === 'masq' && !isLocal(address),
  );
  return onePerAddress(all);
}

const switches = {
  inet: 'net.ipv4.ip_forward',
  inet6: 'net.ipv6.conf.all.forwarding',
} as const satisfies Record<AddressFamily, string>;

function judgeForwarding(subject: Subject) {
  const behind = masqueraded(subject);
  if (behind.length === 0) return notNeeded;
  const findings = (['inet', 'inet6'] as const).flatMap((family) => {
    const some = behind.filter((server) => server.family === family);
    return some.length === 0 ? [] : forwardingOf(family, some, subject.facts);
  });
  return lookedAt(findings);
}

function forwardingOf(
  family: AddressFamily,
  behind: readonly Server[],
  { settings, network }: Facts,
): readonly Finding[] {
  const why = 'real servers with masq answer through this machine; their answers are dropped';
  const name = switches[family];
  if (numberOf(settings, name) === 0) {
    const command = setCommand({ [name]: 1 });
    return [{ level: 'error', where: name, what: 'is 0', why, command }];
  }
  if ('unknown' in network) return [];
  const version = family === 'inet' ? 'ipv4' : 'ipv6';
  const interfaces = new Set(
    behind.map(({ address }) => network.value.routes[address]?.interface ?? ''),
  );
  return [...interfaces].flatMap((one) => {
    const own = interfaceSetting(one, 'forwarding', version);
    if (numberOf(settings, own) !== 0) return [];
    return [{ level: 'error', where: own, what: 'is 0', why, command: setCommand({ [own]: 1 }) }];
  });
}

/** With clients and real servers on one interface, the kernel tells both of the short way. */
function judgeRedirects(subject: Subject) {
  const { config, facts } = subject;
  const behind = masqueraded(subject).filter(({ family }) => family === 'inet');
  if (behind.length === 0) return notNeeded;
  if ('unknown' in facts.network) return notLookedAt(facts.network);
  const { routes } = facts.network.value;
  const outer = holders(facts.network.value, config);
  const shared = new Set(
    behind
      .map(({ address }) => routes[address])
      .flatMap((route) =>
        route !== undefined && outer.has(route.interface) ? route.interface : [],
      ),
  );
  if (shared.size === 0) return notNeeded;
  return lookedAt(
    [...shared]
      .filter((one) => inForce(facts.settings, one, 'send_redirects') === 1)
      .map((one): Finding => {
        const own = interfaceSetting(one, 'send_redirects');
        return {
          level: 'warning',
          where: own,
          what: `clients and real servers with masq are both on ${one}, and ICMP redirects are sent`,
          why: 'a redirected real server answers clients directly, and they do not know its address',
          command: setCommand({ 'net.ipv4.conf.all.send_redirects': 0, [own]: 0 }),
        };
      }),
  );
}

/** The interfaces that virtual addresses are on. */
export function holders({ interfaces }: Network, config: Subject['config']): ReadonlySet<string> {
  const vips = new Set(virtualAddresses(config).map(({ address }) => address));
  return new Set(
    interfaces
      .filter(({ addresses }) => addresses.some(({ address }) => vips.has(address)))
      .map(({ name }) => name),
  );
}

/** Nothing here tells where a real server sends its answers. */
function judgeReturnPath(subject: Subject) {
  const behind = masqueraded(subject);
  if (behind.length === 0) return notNeeded;
  const { network } = subject.facts;
  if ('unknown' in network) return notLookedAt(network);
  return lookedAt(
    behind.flatMap((server): readonly Finding[] => {
      const route = network.value.routes[server.address];
      if (route === undefined) return [];
      const { source = 'DIRECTOR', gateway } = route;
      const through =
        gateway === undefined
          ? ''
          : `; it is reached through ${gateway}, which must lead back here`;
      return [
        {
          level: 'info',
          where: serverPlace(server),
          what: `which way ${server.address} answers cannot be seen from here${through}`,
          why: 'with masq an answer that does not come back by way of this machine is lost',
          command: `ip route replace default via ${source}`,
          on: server.address,
          unseen: true,
        },
      ];
    }),
  );
}
