import { endpointText, serverKey, virtualKey } from '../config/keys.ts';
import type { CheckDefinition, Config, RealServer, VirtualServer } from '../config/model.ts';
import type { ServerHealth, ServerRecord } from '../health/server-health.ts';
import { destinationKey, serviceKey } from '../ipvs-netlink/keys.ts';
import type { DestinationEntry, ServiceEntry } from '../ipvs-netlink/model.ts';
import { type AdminOrder, fallbackDestination, realDestination } from '../reconcile/desired.ts';

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
  /** How often somebody else's change of the table was repaired. */
  readonly driftRepairs: number;
  /** Why the last reload was refused; absent when the file in force is the file on disk. */
  readonly reloadError?: string;
  /** Network namespace, as in /proc/self/ns/net. */
  readonly networkNamespace: string;
  readonly virtuals: readonly VirtualStatus[];
}

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
  orders: ReadonlyMap<string, OrderShown>,
  table: readonly ServiceEntry[],
): readonly VirtualStatus[] {
  const services = new Map(table.map((service) => [serviceKey(service.id), service]));
  return config.virtuals.map((virtual) => {
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
      reals: virtual.reals.map((real) =>
        realStatus(virtual, real, health.record(serverKey(virtual, real)), orders, entries),
      ),
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
    ...(order !== undefined && { order }),
    configuredWeight: real.weight,
    ...kernelStatus(entries.get(destinationKey(realDestination(virtual, real).id))),
    check: checkText(real.check),
    failures: state?.failures ?? 0,
    failureCount: virtual.failureCount,
    ...(last !== undefined && {
      lastCheck: { ...last.outcome, durationMs: last.durationMs, at: last.at.toISOString() },
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
