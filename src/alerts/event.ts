import type {
  AlertStatus,
  Config,
  RealServer,
  ServerCheck,
  VirtualServer,
} from '../config/model.ts';
import type { Role } from '../config/role.ts';

/** One real server of one virtual server, both as the file has them. */
export interface ServerOfVirtual {
  /** As of `serverKey`. */
  readonly key: string;
  readonly virtual: VirtualServer;
  readonly real: RealServer;
}

/** The daemon entered another state; `stopped`: its part of the kernel's table has been tidied. */
export interface PhaseEvent {
  readonly kind: 'phase';
  readonly phase: AlertStatus | 'stopped';
}

/** The director has this role from now on; told first when it starts. */
export interface RoleEvent {
  readonly kind: 'role';
  readonly role: Role;
}

/** A file came into force; told before anything that it brings about. */
export interface ConfigEvent {
  readonly kind: 'config';
  readonly config: Config;
}

/** The file on disk has another content than before, whether it will be read again or not. */
export interface FileChangedEvent {
  readonly kind: 'file-changed';
  readonly path: string;
}

/** A check has answered. */
export interface CheckEvent {
  readonly kind: 'check';
  readonly server: ServerOfVirtual;
  /** Which of its checks. */
  readonly check: ServerCheck;
  /** What counts: false also for a good answer while the server is in maintenance. */
  readonly up: boolean;
  /** One line. */
  readonly reason: string;
  readonly at: Date;
}

/**
 * A server came into service or went out of it, by its checks or by an order. Of servers, pools and
 * quorums nothing is told in standby, and what has changed meanwhile when the director is active.
 */
export interface ServerEvent {
  readonly kind: 'server';
  readonly server: ServerOfVirtual;
  readonly inService: boolean;
}

/**
 * A virtual server lost its last real server, or got its first one. Told after the table is so.
 * The first event of a virtual tells how things are.
 */
export interface PoolEvent {
  readonly kind: 'pool';
  readonly virtual: VirtualServer;
  readonly served: boolean;
  /** The kernel was already like this when the daemon took over. */
  readonly adopted: boolean;
}

/** A virtual server gained its quorum or lost it; told first when that is known. */
export interface QuorumEvent {
  readonly kind: 'quorum';
  readonly virtual: VirtualServer;
  readonly gained: boolean;
  /** Sum of the weights that are up. */
  readonly live: number;
}

/** A server began to be in service by minservers alone: its check fails. */
export interface KeptEvent {
  readonly kind: 'kept';
  readonly virtual: VirtualServer;
  /** `Kept in service by minservers though its check fails: 10.0.0.2:80 (10.0.0.1:80)`. */
  readonly text: string;
}

/** A change of the kernel's table that succeeded. */
export interface TableEvent {
  readonly kind: 'table';
  readonly what: 'virtual' | 'real' | 'fallback';
  /** The virtual server that it is about, as the file has or had it. */
  readonly virtual: VirtualServer;
  /** As ldirectord logs it: `Added real server: 10.0.0.2:80 (10.0.0.1:80) (Weight set to 1)`. */
  readonly text: string;
  /** `drift`: somebody else's change was repaired. */
  readonly cause: 'change' | 'drift';
}

/** What happens in a daemon, told to its observers in the order in which it happens. */
export type DaemonEvent =
  | PhaseEvent
  | RoleEvent
  | ConfigEvent
  | FileChangedEvent
  | CheckEvent
  | ServerEvent
  | PoolEvent
  | QuorumEvent
  | KeptEvent
  | TableEvent;

/** Somebody who is told what happens, and who can neither hold up the daemon nor break it. */
export interface Observer {
  /** For the log, when it throws. */
  readonly name: string;
  /** Takes note and returns at once; what takes time goes on by itself. */
  observe(event: DaemonEvent): void;
  /**
   * Ends what is still going on.
   *
   * @param signal aborted when there is no more time: give up at once.
   */
  close(signal: AbortSignal): Promise<void>;
}
