import { endpointText, virtualKey } from '../config/keys.ts';
import { findTraps } from '../config/traps/find-traps.ts';
import type { Network } from './facts.ts';
import {
  type Check,
  type Finding,
  lookedAt,
  notLookedAt,
  notNeeded,
  type Subject,
} from './finding.ts';
import { filePlace, onePerAddress, type Server, serverPlace, servers } from './subjects.ts';

/** Can be reached in the way that their forwarding wants. */
export const realServerChecks: readonly Check[] = [
  {
    name: 'reachable',
    title: 'there is a route to every real server',
    judge: (subject) => perServer(subject, () => true, unreachable),
  },
  {
    name: 'same-link',
    title: 'real servers with gate are on a network of this machine',
    judge: (subject) => perServer(subject, ({ forward }) => forward === 'gate', behindRouter),
  },
  { name: 'port-change', title: 'only masq changes ports', judge: judgePorts },
  {
    name: 'local-server',
    title: 'real servers on this machine itself can be served',
    judge: (subject) => perServer(subject, () => true, onThisMachine),
  },
];

function perServer(
  { config, facts }: Subject,
  wanted: (server: Server) => boolean,
  judge: (server: Server, network: Network, subject: Subject['config']) => readonly Finding[],
) {
  const some = onePerAddress(servers(config).filter(wanted));
  if (some.length === 0) return notNeeded;
  if ('unknown' in facts.network) return notLookedAt(facts.network);
  const { value } = facts.network;
  return lookedAt(some.flatMap((server) => judge(server, value, config)));
}

function unreachable(server: Server, { routes }: Network): readonly Finding[] {
  const { address } = server;
  if (routes[address] !== undefined) return [];
  return [
    {
      level: 'error',
      where: serverPlace(server),
      what: `there is no route to ${address}`,
      why: 'neither checks nor clients reach it',
      command: `ip route add ${address} via GATEWAY`,
    },
  ];
}

/** The packet keeps its destination, so that a router between would send it back or nowhere. */
function behindRouter(
  server: Server,
  { routes }: Network,
  config: Subject['config'],
): readonly Finding[] {
  const gateway = routes[server.address]?.gateway;
  if (gateway === undefined) return [];
  return [
    {
      level: 'error',
      where: serverPlace(server),
      what: `gate needs a real server on the same network, and ${server.address} is behind ${gateway}`,
      why: 'the router gets a packet for the virtual address and sends it back here',
      command: rewrite(config, server, { ...server, forward: 'ipip' }),
    },
  ];
}

function judgePorts({ config }: Subject) {
  const traps = findTraps(config, { expireNodestConn: true, expireQuiescentTemplate: true });
  const affected = servers(config).some(({ forward }) => forward !== 'masq');
  if (!affected) return notNeeded;
  return lookedAt(
    traps
      .filter(({ code }) => code === 'trap-port-change')
      .map(({ message, virtual, line = virtual.line }): Finding => {
        const server = servers(config).find((one) => one.virtual === virtual && one.line === line);
        const port = 'port' in virtual.id ? virtual.id.port : 0;
        return {
          level: 'error',
          where: filePlace(config, virtual, line),
          what: message,
          why: 'the kernel delivers to the port of the virtual server, where nobody may listen',
          ...(server !== undefined && { command: rewrite(config, server, { ...server, port }) }),
        };
      }),
  );
}

/** The command that takes a real server's line out and puts another one in. */
function rewrite(config: Subject['config'], before: Server, after: Server): string {
  const { virtual } = before;
  const file = virtual.file ?? config.path;
  const id = virtualKey(virtual.id);
  if (!virtual.reals.some(({ line }) => line === before.line)) {
    return `ipvsd config set ${file} ${id} 'fallback=${endpointText(after)} ${after.forward}'`;
  }
  const place = `${file} ${id}`;
  return (
    `ipvsd config remove ${place} ${endpointText(before)}` +
    ` && ipvsd config add-real ${place} ${endpointText(after)} ${after.forward} ${after.weight}`
  );
}

/** Two directors that are each other's real servers, too, must not both have the table. */
function onThisMachine(
  server: Server,
  { routes }: Network,
  config: Subject['config'],
): readonly Finding[] {
  const { address, forward } = server;
  if (!routes[address]?.local) return [];
  const isLoopback = address === '::1' || address.startsWith('127.');
  if (isLoopback && forward !== 'masq') return [];
  const where = serverPlace(server);
  if (isLoopback) {
    return [
      {
        level: 'error',
        where,
        what: `masq cannot lead clients to ${address}`,
        why: 'the kernel does not send packets from outside to a loopback address; gate stays on the machine',
        command: rewrite(config, server, { ...server, forward: 'gate' }),
      },
    ];
  }
  return [
    {
      level: 'info',
      where,
      what: `${address} is this machine itself`,
      why: 'another director with this table at the same time would send its clients back: only the active one may have it',
    },
  ];
}
