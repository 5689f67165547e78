import type { Addresses } from './host.ts';

/**
 * `flat`: everybody on one network, as direct routing and tunnels want it. `routed`: clients on
 * one network, real servers on another, and the directors on both, as masquerading wants it; there
 * the first director is the gateway of the clients and of the real servers.
 */
export type Layout = 'flat' | 'routed';

export interface Plan {
  readonly layout: Layout;
  /** Where the bridges are, which join the hosts. */
  readonly switchNamespace: string;
  readonly hosts: readonly PlannedHost[];
}

interface PlannedHost {
  readonly name: string;
  readonly namespace: string;
  readonly role: Role;
  readonly ipv4: string;
  readonly ipv6: string;
  readonly inner: Addresses | undefined;
}

type Role = 'client' | 'director' | 'real';

/** The last part of the first address of each role. */
const FIRST = { director: 1, client: 11, real: 101 } as const satisfies Record<Role, number>;
const OUTER = 0;
const INNER = 1;

/** Decides names and addresses; touches nothing. */
export function planNetwork(
  prefix: string,
  size: {
    readonly clients: number;
    readonly directors: number;
    readonly reals: number;
    readonly layout: Layout;
  },
): Plan {
  const make = (role: Role, count: number): readonly PlannedHost[] =>
    Array.from({ length: count }, (_, index) => {
      const name = `${role}${index + 1}`;
      const last = FIRST[role] + index;
      const isRouted = size.layout === 'routed';
      const network = isRouted && role === 'real' ? INNER : OUTER;
      const inner = isRouted && role === 'director' ? address(INNER, last) : undefined;
      return { name, namespace: `${prefix}${name}`, role, ...address(network, last), inner };
    });
  return {
    layout: size.layout,
    switchNamespace: `${prefix}switch`,
    hosts: [
      ...make('client', size.clients),
      ...make('director', size.directors),
      ...make('real', size.reals),
    ],
  };
}

/** The input of `ip -batch` that makes the namespaces and joins each host to its bridges. */
export function renderLinkBatch(plan: Plan): string {
  const spaces = [plan.switchNamespace, ...plan.hosts.map(({ namespace }) => namespace)];
  const links = plan.hosts.flatMap((host) =>
    devices(plan, host).map(
      ({ device }) =>
        `link add ${device} netns ${host.namespace} type veth ` +
        `peer name ${host.name}.${device} netns ${plan.switchNamespace}`,
    ),
  );
  return [...spaces.map((name) => `netns add ${name}`), ...links, ''].join('\n');
}

/** The shell script that makes the bridges and takes the hosts' links in; for the switch. */
export function renderSwitchScript(plan: Plan): string {
  const bridges = plan.layout === 'routed' ? [OUTER, INNER] : [OUTER];
  const lines = [
    // Snooping would hold back IPv6 neighbour discovery until it has learnt who listens.
    ...bridges.map((network) => `link add br${network} type bridge mcast_snooping 0`),
    ...bridges.map((network) => `link set br${network} up`),
    ...plan.hosts.flatMap((host) =>
      devices(plan, host).map(
        ({ device, network }) => `link set ${host.name}.${device} master br${network} up`,
      ),
    ),
  ];
  return ipBatch(lines);
}

/** The shell script that brings one host up. */
export function renderHostScript(plan: Plan, index: number): string {
  const host = plan.hosts[index];
  if (host === undefined) {
    throw new Error(`host: expected an index below ${plan.hosts.length}, got "${index}"`);
  }
  const lines = devices(plan, host).flatMap(({ device, ipv4, ipv6 }) => [
    `link set ${device} up`,
    `addr add ${ipv4}/24 dev ${device}`,
    `addr add ${ipv6}/64 dev ${device} nodad`,
  ]);
  return [
    ...sysctls(host.role).map(
      ([name, value]) => `for file in /proc/sys/net/${name}; do echo ${value} >"$file"; done`,
    ),
    ipBatch(['link set lo up', ...lines, ...gatewayLines(plan, host)]),
  ].join('\n');
}

function devices(
  plan: Plan,
  host: PlannedHost,
): readonly ({ readonly device: string; readonly network: number } & Addresses)[] {
  const { ipv4, ipv6, inner } = host;
  const network = plan.layout === 'routed' && host.role === 'real' ? INNER : OUTER;
  const first = { device: 'eth0', network, ipv4, ipv6 };
  return inner === undefined ? [first] : [first, { device: 'eth1', network: INNER, ...inner }];
}

function gatewayLines(plan: Plan, host: PlannedHost): readonly string[] {
  if (plan.layout === 'flat' || host.role === 'director') {
    return [];
  }
  const gateway = address(host.role === 'real' ? INNER : OUTER, FIRST.director);
  return [`route add default via ${gateway.ipv4}`, `route add default via ${gateway.ipv6}`];
}

/**
 * No source filter anywhere, whatever the kernel's default is, and no waiting for duplicate address
 * detection (for these two the larger of "all" and the device's own value counts, so each is set).
 * A real server has the virtual address on a device of its own, and must not tell the network so
 * (arp_ignore, arp_announce: Documentation/networking/ip-sysctl.rst).
 */
function sysctls(role: Role): readonly (readonly [string, number])[] {
  const everywhere = [
    ['ipv4/conf/*/rp_filter', 0],
    ['ipv6/conf/*/accept_dad', 0],
  ] as const;
  switch (role) {
    case 'client':
      return everywhere;
    case 'real':
      return [...everywhere, ['ipv4/conf/all/arp_ignore', 1], ['ipv4/conf/all/arp_announce', 2]];
    case 'director':
      return [
        ...everywhere,
        ['ipv4/ip_forward', 1],
        ['ipv6/conf/all/forwarding', 1],
        ['ipv4/conf/*/send_redirects', 0],
      ];
  }
}

function ipBatch(lines: readonly string[]): string {
  return ["ip -batch - <<'END'", ...lines, 'END', ''].join('\n');
}

/** Network 0 is 10.9.0.0/24 and fd00:9::/64, network 1 is 10.9.1.0/24 and fd00:9:0:1::/64. */
function address(network: number, last: number): Addresses {
  return {
    ipv4: `10.9.${network}.${last}`,
    ipv6: network === OUTER ? `fd00:9::${last}` : `fd00:9:0:${network}::${last}`,
  };
}
