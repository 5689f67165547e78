import type { CheckDefinition } from '../../src/config/check-model.ts';
import type {
  Config,
  FallbackServer,
  RealServer,
  ServerCheck,
  VirtualServer,
} from '../../src/config/model.ts';
import type { Destination, TableService } from '../../src/ipvs-netlink/model.ts';

/** A real server of 10.9.0.0/24 with a connect check; `key` follows address and port. */
export function real(address: string, changes: Partial<RealServer> = {}): RealServer {
  const port = changes.port ?? 80;
  const family = address.includes(':') ? 'inet6' : 'inet';
  return {
    key: address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`,
    family,
    address,
    port,
    forward: 'gate',
    weight: 1,
    upperThreshold: 0,
    lowerThreshold: 0,
    checks: [checktype({ type: 'connect', target: { family, address, port }, timeoutMs: 1000 })],
    line: 2,
    ...changes,
  };
}

const everySecond = {
  intervals: { normalMs: 1000, fastMs: 1000, downMs: 1000 },
  failureCount: 1,
  rise: 1,
};

/** The check that ldirectord's directives describe; its rhythm is that of its virtual server. */
export function checktype(
  definition: CheckDefinition,
  changes: Partial<ServerCheck> = {},
): ServerCheck {
  const warmupMs = 0;
  return { name: 'checktype', definition, ...everySecond, warmupMs, alpha: true, ...changes };
}

/** A virtual server tcp 10.9.0.30:80, wrr, quiescent=no, with those changes. */
export function virtual(changes: Partial<VirtualServer> = {}): VirtualServer {
  const id = changes.id ?? { family: 'inet', protocol: 'tcp', address: '10.9.0.30', port: 80 };
  const { intervals, failureCount, rise } = { ...everySecond, ...changes };
  const reals = changes.reals ?? [real('10.9.0.2'), real('10.9.0.3')];
  const inRhythm = (check: ServerCheck): ServerCheck =>
    check.name === 'checktype' ? { ...check, intervals, failureCount, rise } : check;
  return {
    id,
    label: 'fwmark' in id ? String(id.fwmark) : `${id.address}:${id.port}`,
    fallbacks: [],
    fallbackQuiescent: false,
    slowStartMs: 0,
    scheduler: 'wrr',
    schedulerFlags: [],
    persistentS: 0,
    onePacket: false,
    quiescent: false,
    readdQuiescent: false,
    cleanstop: true,
    persistentClean: false,
    ...everySecond,
    emailAlert: { recipients: [], frequencyS: 0, statuses: [] },
    line: 1,
    ...changes,
    reals: reals.map((server) => ({ ...server, checks: server.checks.map(inRhythm) })),
  };
}

export function config(...virtuals: readonly VirtualServer[]): Config {
  return {
    path: 'test.cf',
    files: ['test.cf'],
    virtuals,
    autoreload: false,
    standby: { checks: 'full', table: 'keep' },
    logfile: '/dev/null',
    supervised: false,
    fork: false,
    execute: [],
  };
}

export const localFallback: FallbackServer = {
  key: 'fallback 127.0.0.1:80',
  weight: 1,
  priority: 1,
  checks: [],
  family: 'inet',
  address: '127.0.0.1',
  port: 80,
  forward: 'gate',
};

/** A kernel destination, direct routing, weight 1, with those changes. */
export function destination(
  address: string,
  changes: Partial<Destination> & { readonly port?: number } = {},
): Destination {
  const { port = 80, ...rest } = changes;
  return {
    id: { family: address.includes(':') ? 'inet6' : 'inet', address, port },
    forwarding: 'route',
    weight: 1,
    upperThreshold: 0,
    lowerThreshold: 0,
    ...rest,
  };
}

/** A kernel service tcp 10.9.0.30:80, wrr, with those destinations. */
export function service(
  destinations: readonly Destination[],
  changes: Partial<TableService> = {},
): TableService {
  return {
    id: { family: 'inet', protocol: 'tcp', address: '10.9.0.30', port: 80 },
    scheduler: 'wrr',
    schedulerFlags: 0,
    persistenceTimeoutS: 0,
    persistenceNetmask: '255.255.255.255',
    persistenceEngine: '',
    onePacket: false,
    destinations,
    ...changes,
  };
}
