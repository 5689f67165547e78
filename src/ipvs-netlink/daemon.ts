import { addressFromBytes, addressToBytes } from './address.ts';
import { AttributeError, required } from './attribute.ts';
import { DAEMON_ATTRIBUTES, type DaemonValues } from './ipvs-attributes.ts';

export type SyncDaemonRole = 'master' | 'backup';

/**
 * A connection synchronisation daemon. To start one, the kernel has a default for what is absent;
 * when it reports one, kernels before 4.3 leave out what they cannot set.
 */
export interface SyncDaemon {
  readonly role: SyncDaemonRole;
  /** Network interface for the multicast, up to 15 bytes. */
  readonly interface: string;
  /** 0..255; a backup with 0 takes messages of every id. */
  readonly syncId: number;
  /** Largest UDP payload in bytes; default: what the interface's MTU allows. */
  readonly maxLength?: number;
  /** IPv4 or IPv6 multicast address, default 224.0.0.81. */
  readonly group?: string;
  /** UDP port, default 8848. */
  readonly port?: number;
  /** Multicast TTL, default 1. */
  readonly ttl?: number;
}

/** IP_VS_STATE_MASTER, IP_VS_STATE_BACKUP */
const STATES = { master: 1, backup: 2 } as const satisfies Record<SyncDaemonRole, number>;

export function daemonRoleToAttributes(role: SyncDaemonRole): DaemonValues {
  return { state: STATES[role] };
}

export function daemonToAttributes(daemon: SyncDaemon): DaemonValues {
  return {
    ...daemonRoleToAttributes(daemon.role),
    interface: daemon.interface,
    syncId: daemon.syncId,
    maxLength: daemon.maxLength,
    ...groupToAttributes(daemon.group),
    port: daemon.port,
    ttl: daemon.ttl,
  };
}

/** @throws AttributeError when the kernel left something out that it always sends. */
export function daemonFromAttributes(values: DaemonValues): SyncDaemon {
  const group = groupFromAttributes(values);
  return {
    role: roleFromState(required(DAEMON_ATTRIBUTES, values, 'state')),
    interface: required(DAEMON_ATTRIBUTES, values, 'interface'),
    syncId: required(DAEMON_ATTRIBUTES, values, 'syncId'),
    ...(values.maxLength === undefined ? {} : { maxLength: values.maxLength }),
    ...(group === undefined ? {} : { group }),
    ...(values.port === undefined ? {} : { port: values.port }),
    ...(values.ttl === undefined ? {} : { ttl: values.ttl }),
  };
}

function groupToAttributes(group: string | undefined): DaemonValues {
  if (group === undefined) return {};
  return group.includes(':')
    ? { group6: addressToBytes('inet6', group) }
    : { group4: addressToBytes('inet', group) };
}

function groupFromAttributes({ group4, group6 }: DaemonValues): string | undefined {
  if (group6 !== undefined) return addressFromBytes('inet6', group6);
  return group4 === undefined ? undefined : addressFromBytes('inet', group4);
}

function roleFromState(state: number): SyncDaemonRole {
  if (state === STATES.master) return 'master';
  if (state === STATES.backup) return 'backup';
  throw new AttributeError(`expected 1 or 2, got ${state}`, [DAEMON_ATTRIBUTES.state.name]);
}
