import type { Network } from './facts.ts';
import {
  type Check,
  type Finding,
  lookedAt,
  notLookedAt,
  notNeeded,
  type Subject,
} from './finding.ts';
import { onePerAddress, type Server, serverPlace, servers } from './subjects.ts';

/** What clients on other networks send at most. */
const usualMtu = 1500;

export const tunnelChecks: readonly Check[] = [
  {
    name: 'tunnel-mtu',
    title: 'tunnels have room for whole packets of clients',
    judge: judgeTunnels,
  },
];

function judgeTunnels({ config, facts }: Subject) {
  const tunnelled = onePerAddress(servers(config).filter(({ forward }) => forward === 'ipip'));
  if (tunnelled.length === 0) return notNeeded;
  if ('unknown' in facts.network) return notLookedAt(facts.network);
  const { value } = facts.network;
  return lookedAt(tunnelled.flatMap((server) => tooNarrow(server, value)));
}

function tooNarrow(server: Server, { routes, interfaces }: Network): readonly Finding[] {
  const route = routes[server.address];
  if (route === undefined || route.local) return [];
  const device = interfaces.find(({ name }) => name === route.interface);
  const mtu = route.mtu ?? device?.mtu;
  if (mtu === undefined) return [];
  const overhead = tunnelOverhead(server);
  const room = mtu - overhead;
  const segment = room - (server.virtual.id.family === 'inet6' ? 60 : 40);
  if (room >= usualMtu) return [];
  return [
    {
      level: 'warning',
      where: serverPlace(server),
      what: `the tunnel has room for ${room} bytes, and clients send up to ${usualMtu}`,
      why: `larger packets are lost where ICMP is blocked: raise the MTU on the whole way there, or clamp the MSS to ${segment} on the real server`,
      command: `ip link set dev ${route.interface} mtu ${usualMtu + overhead}`,
    },
  ];
}

/**
 * Bytes that the envelope adds: IP header (RFC 2003, RFC 2473), with gre 4 and 4 more for a
 * checksum (RFC 2784), with gue UDP and 4 of its own, and 4 and 4 more for the private option of
 * remote checksums (include/net/gue.h: GUE_LEN_PRIV, GUE_PLEN_REMCSUM).
 */
export function tunnelOverhead({ family, tunnel }: Pick<Server, 'family' | 'tunnel'>): number {
  const header = family === 'inet6' ? 40 : 20;
  if (tunnel === undefined) return header;
  if (tunnel.type === 'gre') return header + (tunnel.checksum === 'csum' ? 8 : 4);
  return header + 8 + 4 + (tunnel.checksum === 'remcsum' ? 8 : 0);
}
