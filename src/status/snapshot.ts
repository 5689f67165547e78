import { endpointText, serverKey, virtualKey } from '../config/keys.ts';
import type { CheckDefinition, Config, RealServer, VirtualServer } from '../config/model.ts';
import type { ServerHealth, ServerRecord } from '../health/server-health.ts';
import type { SyncDaemon } from '../ipvs-netlink/daemon.ts';
import { destinationKey, serviceKey } from '../ipvs-netlink/keys.ts';
import type { DestinationEntry, ServiceEntry } from '../ipvs-netlink/model.ts';
import {
  type Admin,
  type AdminOrder,
  fallbackDestination,
  keptServers,
  realDestination,
} from '../reconcile/desired.ts';

/** Everything that one daemon knows at one moment; plain JSON, the source of every rendering. */
export interface Snapshot {
  readonly version: string;
  readonly instance: string;
  readonly pid: number;
  readonly config: string;
  readonly backend: string;
  readonly state: DaemonState;
  /** Times are ISO 8601 in UTC. */
  readonly startedAt: string;
  readonly takenAt: string;
  /** When the kernel's table was last read and found or made right; absent before the first time. */
  readonly verifiedAt?: string;
  /** When the main loop last compared the kernel with what is wanted, whatever came of it. */
  readonly synchronisedAt?: string;
  /** How often the main loop reads the kernel at least. */
  readonly verifyIntervalMs: number;
  /** What would make the kernel's table as it is wanted, in ipvsadm's words; none when it is. */
  readonly pending: readonly string[];
  /** Why the kernel could not be read for this snapshot: what it has is not known then. */
  readonly kernelError?: string;
  /** How often somebody else's change of the table was repaired. */
  readonly driftRepairs: number;
  /** Values of /proc/sys that the daemon has set and will put back. */
  readonly kernelSettings: readonly {
    readonly name: string;
    readonly value: string;
    readonly before: string;
  }[];
  /** Services that another instance keeps in its own way as well; absent when there are none. */
  readonly shared?: readonly { readonly service: string; readonly instance: string }[];
  /** Connection synchronisation; absent where the way into the kernel does not tell. */
  readonly sync?: readonly SyncDaemon[];
  /** Why the last reload was refused; absent when the file in force is the file on disk. */
  readonly reloadError?: string;
  /** Network namespace, as in /proc/self/ns/net. */
  readonly networkNamespace: string;
  readonly virtuals: readonly VirtualStatus[];
}

/** Which daemon it is; the same for as long as it lives. */
export type SnapshotHead = Pick<
  Snapshot,
  'version' | 'instance' | 'pid' | 'config' | 'networkNamespace'
>;

/** As much of it as is known without looking at the kernel. */
export type DaemonHead = SnapshotHead & Pick<Snapshot, 'state'>;

export type DaemonState = 'starting' | 'running' | 'reloading' | 'stopping';

/** An order at run time; `maintenance` is one that a file in maintenancedir gave. */
export type OrderShown = AdminOrder | 'maintenance';

export interface VirtualStatus {
  /** As of `virtualKey`: `tcp:10.0.0.1:80`. */
  readonly key: string;
  /** Its service in the kernel, as of `serviceKey`. */
  readonly service: string;
  readonly label: string;
  readonly protocol: 'tcp' | 'udp' | 'fwm';
  readonly name?: string;
  readonly scheduler: string;
  readonly persistentS: number;
  /** Whether the service is in the kernel. */
  readonly present: boolean;
  readonly reals: readonly RealStatus[];
  readonly fallback?: FallbackStatus;
}

export interface RealStatus {
  readonly key: string;
  readonly address: string;
  readonly forward: string;
  readonly health: 'up' | 'down' | 'unchecked';
  /** When it last went up or down. */
  readonly since: string;
  /** When it went down after it had been up. */
  readonly lostAt?: string;
  /** In service by minservers although it is down. */
  readonly kept?: true;
  readonly order?: OrderShown;
  readonly configuredWeight: number;
  /** What the kernel has; absent when the server is not in it. */
  readonly kernel?: KernelStatus;
  readonly check: string;
  readonly failures: number;
  readonly failureCount: number;
  readonly lastCheck?: LastCheck;
}

export interface KernelStatus {
  readonly weight: number;
  readonly activeConnections: number;
  readonly inactiveConnections: number;
}

export interface LastCheck {
  readonly up: boolean;
  readonly reason: string;
  readonly warning?: string;
  readonly durationMs: number;
  readonly at: string;
}

export interface FallbackStatus {
  readonly address: string;
  readonly forward: string;
  /** Whether clients are sent to it now. */
  readonly active: boolean;
  readonly kernel?: KernelStatus;
}

/** The virtual servers as file, health, orders and kernel show them together. */
export function virtualStatuses(
  config: Config,
  health: ServerHealth,
  orders: { readonly admin: Admin; readonly shown: ReadonlyMap<string, OrderShown> },
  table: readonly ServiceEntry[],
): readonly VirtualStatus[] {
  const services = new Map(table.map((service) => [serviceKey(service.id), service]));
  const view = health.view();
  return config.virtuals.map((virtual) => {
    const kept = keptServers(virtual, view, orders.admin);
    const service = services.get(serviceKey(virtual.id));
    const entries = new Map(service?.destinations.map((d) => [destinationKey(d.id), d]));
    return {
      key: virtualKey(virtual.id),
      service: serviceKey(virtual.id),
      label: virtual.label,
      protocol: 'fwmark' in virtual.id ? 'fwm' : virtual.id.protocol,
      ...(virtual.serviceName !== undefined && { name: virtual.serviceName }),
      scheduler: virtual.scheduler,
      persistentS: virtual.persistentS,
      present: service !== undefined,
      reals: virtual.reals.map((real) => ({
        ...realStatus(
          virtual,
          real,
          health.record(serverKey(virtual, real)),
          orders.shown,
          entries,
        ),
        ...(kept.has(real.key) && { kept: true as const }),
      })),
      ...fallbackStatus(virtual, entries),
    };
  });
}

function realStatus(
  virtual: VirtualServer,
  real: RealServer,
  record: ServerRecord | undefined,
  orders: ReadonlyMap<string, OrderShown>,
  entries: ReadonlyMap<string, DestinationEntry>,
): RealStatus {
  const order = orders.get(serverKey(virtual, real));
  const state = record?.state;
  const last = record?.last;
  return {
    key: real.key,
    address: endpointText(real),
    forward: real.forward,
    health: state?.up ? 'up' : state?.checked ? 'down' : 'unchecked',
    since: (record?.since ?? new Date(0)).toISOString(),
    ...(record?.lostAt !== undefined && { lostAt: record.lostAt.toISOString() }),
    ...(order !== undefined && { order }),
    configuredWeight: real.weight,
    ...kernelStatus(entries.get(destinationKey(realDestination(virtual, real).id))),
    check: checkText(real.check),
    failures: state?.failures ?? 0,
    failureCount: virtual.failureCount,
    ...(last !== undefined && {
      lastCheck: {
        ...last.outcome,
        durationMs: Math.round(last.durationMs),
        at: last.at.toISOString(),
      },
    }),
  };
}

function fallbackStatus(
  virtual: VirtualServer,
  entries: ReadonlyMap<string, DestinationEntry>,
): { fallback?: FallbackStatus } {
  if (virtual.fallback === undefined) return {};
  const destination = fallbackDestination(virtual, virtual.fallback);
  const entry = entries.get(destinationKey(destination.id));
  return {
    fallback: {
      address: endpointText(destination.id),
      forward: virtual.fallback.forward,
      active: entry !== undefined && entry.weight > 0,
      ...kernelStatus(entry),
    },
  };
}

function kernelStatus(entry: DestinationEntry | undefined): { kernel?: KernelStatus } {
  if (entry === undefined) return {};
  const { weight, activeConnections, inactiveConnections } = entry;
  return { kernel: { weight, activeConnections, inactiveConnections } };
}

/** The check in a few words: `http 10.0.0.2:80 /index.html`, `ping 10.0.0.2`. */
export function checkText(check: CheckDefinition): string {
  switch (check.type) {
    case 'on':
    case 'off':
      return check.type;
    case 'ping':
      return `ping ${check.address}`;
    case 'connect':
      return `connect ${endpointText(check.target)}`;
    case 'negotiate':
      return `${check.service} ${endpointText(check.target)} ${check.request}`.trimEnd();
    case 'combined':
      return `${checkText(check.negotiate)} and ${check.connects} connects`;
    case 'external':
    case 'external-perl':
      return `${check.type} ${check.command}`;
  }
}
