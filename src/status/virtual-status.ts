import { endpointText, serverKey, virtualKey } from '../config/keys.ts';
import type { Config, FallbackServer, RealServer, VirtualServer } from '../config/model.ts';
import { isHeld } from '../health/damping.ts';
import type { HealthState } from '../health/hysteresis.ts';
import type { ServerHealth } from '../health/server-health.ts';
import {
  type CheckRecord,
  decisiveCheck,
  type ServerCondition,
  type ServerRecord,
} from '../health/server-record.ts';
import { destinationKey, serviceKey } from '../ipvs-netlink/keys.ts';
import type { DestinationEntry, ServiceEntry } from '../ipvs-netlink/model.ts';
import { fallbackDestination, realDestination } from '../reconcile/entries.ts';
import { type Admin, keptServers, liveWeight } from '../reconcile/pool.ts';
import { checkLabel } from './check-text.ts';
import type {
  CheckStatus,
  FallbackStatus,
  KernelStatus,
  OrderShown,
  RealStatus,
  VirtualStatus,
} from './snapshot.ts';

/** The virtual servers as file, health, orders and kernel show them together. */
export function virtualStatuses(
  config: Config,
  health: ServerHealth,
  {
    orders,
    lacking,
    table,
    now,
  }: {
    readonly orders: { readonly admin: Admin; readonly shown: ReadonlyMap<string, OrderShown> };
    /** Those that lack their quorum. */
    readonly lacking: ReadonlySet<string>;
    readonly table: readonly ServiceEntry[];
    readonly now: Date;
  },
): readonly VirtualStatus[] {
  const services = new Map(table.map((service) => [serviceKey(service.id), service]));
  const view = health.view(now);
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
        ...weightFacts(view.get(serverKey(virtual, real))),
        ...heldUntil(health.record(serverKey(virtual, real)), now),
        ...(kept.has(real.key) && { kept: true as const }),
      })),
      fallbacks: virtual.fallbacks.map((fallback) =>
        fallbackStatus(virtual, fallback, health.record(serverKey(virtual, fallback)), entries),
      ),
      ...(virtual.quorum !== undefined && {
        quorum: {
          weight: virtual.quorum.weight,
          hysteresis: virtual.quorum.hysteresis,
          live: liveWeight(virtual, view, orders.admin),
          gained: !lacking.has(virtualKey(virtual.id)),
        },
      }),
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
  const decisive = record && decisiveCheck(record);
  return {
    key: real.key,
    address: endpointText(real),
    forward: real.forward,
    health: healthWord(state),
    since: (record?.since ?? new Date(0)).toISOString(),
    ...(record?.lostAt !== undefined && { lostAt: record.lostAt.toISOString() }),
    ...(order !== undefined && { order }),
    configuredWeight: real.weight,
    ...kernelStatus(entries.get(destinationKey(realDestination(virtual, real).id))),
    ...verdictOf(decisive, virtual),
    ...(record !== undefined &&
      record.checks.length > 1 && {
        checks: record.checks.map((one) => ({
          name: one.check.name,
          health: healthWord(one.state),
          ...verdictOf(one, virtual),
        })),
      }),
  };
}

function weightFacts(condition: ServerCondition | undefined) {
  const { effects, drains, share } = condition ?? {};
  return {
    ...(effects !== undefined && { effects }),
    ...(drains !== undefined && { drains }),
    ...(share !== undefined && { share }),
  };
}

function heldUntil(record: ServerRecord | undefined, now: Date): { heldUntil?: string } {
  if (record === undefined || record.state.up || !isHeld(record.damping, now.getTime())) return {};
  return { heldUntil: new Date(record.damping.heldUntilMs).toISOString() };
}

function healthWord(state: HealthState | undefined): RealStatus['health'] {
  if (state?.up) return 'up';
  return state?.checked ? 'down' : 'unchecked';
}

/** What one check says. */
function verdictOf(
  record: CheckRecord | undefined,
  virtual: VirtualServer,
): Pick<CheckStatus, 'check' | 'failures' | 'failureCount' | 'lastCheck'> {
  const last = record?.last;
  return {
    check: record === undefined ? '' : checkLabel(record.check),
    failures: record?.state.failures ?? 0,
    failureCount: record?.check.failureCount ?? virtual.failureCount,
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
  fallback: FallbackServer,
  record: ServerRecord | undefined,
  entries: ReadonlyMap<string, DestinationEntry>,
): FallbackStatus {
  const destination = fallbackDestination(virtual, fallback);
  const entry = entries.get(destinationKey(destination.id));
  return {
    address: endpointText(destination.id),
    forward: fallback.forward,
    active: entry !== undefined && entry.weight > 0,
    ...(virtual.fallbacks.length > 1 && { priority: fallback.priority }),
    ...kernelStatus(entry),
    ...(record !== undefined && {
      health: healthWord(record.state),
      ...verdictOf(decisiveCheck(record), virtual),
    }),
  };
}

function kernelStatus(entry: DestinationEntry | undefined): { kernel?: KernelStatus } {
  if (entry === undefined) return {};
  const { weight, activeConnections, inactiveConnections } = entry;
  return { kernel: { weight, activeConnections, inactiveConnections } };
}
