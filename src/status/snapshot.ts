import type { Conduct, Quorum } from '../config/model.ts';
import type { Role } from '../config/role.ts';
import type { ServerCondition } from '../health/server-record.ts';
import type { SyncDaemon } from '../ipvs-netlink/daemon.ts';
import type { AdminOrder } from '../reconcile/pool.ts';

/** Everything that one daemon knows at one moment; plain JSON, the source of every rendering. */
export interface Snapshot {
  readonly version: string;
  readonly instance: string;
  readonly pid: number;
  readonly config: string;
  readonly backend: string;
  readonly state: DaemonState;
  readonly role: Role;
  /** Since when it has the role, or has been running. */
  readonly roleSince: string;
  /** How it behaves in standby; absent while it is active. */
  readonly standby?: Conduct;
  /** Times are ISO 8601 in UTC. */
  readonly startedAt: string;
  readonly takenAt: string;
  /** When the kernel's table was last read and found or made right; absent before the first time. */
  readonly verifiedAt?: string;
  /**
   * How long ago the main loop last compared the kernel with what is wanted, whatever came of it; by
   * a clock that nobody sets. Absent before the first time.
   */
  readonly synchronisedAgoMs?: number;
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
export type DaemonHead = SnapshotHead & Pick<Snapshot, 'state' | 'role'>;

/** Whether its main loop goes round; known without looking at the kernel. */
export type Pulse = Pick<Snapshot, 'state' | 'synchronisedAgoMs' | 'verifyIntervalMs'>;

/** What a daemon tells of itself without looking at the kernel, or at any of its servers. */
export type DaemonSelf = DaemonHead &
  Pulse &
  Pick<Snapshot, 'reloadError'> & {
    /** How many virtual servers its file has. */
    readonly virtualCount: number;
  };

/** What came of giving a daemon a role. */
export interface RoleAnswer {
  readonly role: Role;
  /** What the kernel refused, one line each. */
  readonly problems: readonly string[];
  /** Why a restart will not know the role. */
  readonly unremembered?: string;
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
  readonly protocol: 'tcp' | 'udp' | 'sctp' | 'fwm';
  readonly name?: string;
  readonly scheduler: string;
  readonly persistentS: number;
  /** Whether the service is in the kernel. */
  readonly present: boolean;
  readonly reals: readonly RealStatus[];
  readonly fallbacks: readonly FallbackStatus[];
  /** Where the file asks for one. */
  readonly quorum?: QuorumStatus;
}

export interface QuorumStatus extends Pick<Quorum, 'weight' | 'hysteresis'> {
  /** Sum of the weights that are up. */
  readonly live: number;
  readonly gained: boolean;
}

/** Its condition is what checks make of its weight, and how much of it a slow start gives. */
export interface RealStatus extends Pick<ServerCondition, 'effects' | 'drains' | 'share'> {
  readonly key: string;
  readonly address: string;
  readonly forward: string;
  readonly health: 'up' | 'down' | 'unchecked';
  /** When it last went up or down. */
  readonly since: string;
  /** When it went down after it had been up. */
  readonly lostAt?: string;
  /** Until when damping keeps it out, if that is still to come. */
  readonly heldUntil?: string;
  /** In service by minservers although it is down. */
  readonly kept?: true;
  readonly order?: OrderShown;
  readonly configuredWeight: number;
  /** What the kernel has; absent when the server is not in it. */
  readonly kernel?: KernelStatus;
  /** Of its checks the one that decides: the first that fails, else the one that answered last. */
  readonly check: string;
  readonly failures: number;
  readonly failureCount: number;
  readonly lastCheck?: LastCheck;
  /** All its checks, where it has several. */
  readonly checks?: readonly CheckStatus[];
}

export interface CheckStatus {
  readonly name: string;
  readonly check: string;
  readonly health: 'up' | 'down' | 'unchecked';
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
  /** Of those that are up, the lowest are used. */
  readonly priority?: number;
  readonly kernel?: KernelStatus;
  /** Where the file has checks for it. */
  readonly health?: RealStatus['health'];
  readonly check?: string;
  readonly lastCheck?: LastCheck;
}
