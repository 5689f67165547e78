import type { CheckDefinition } from './check-model.ts';
import type { AddressFamily, Endpoint, TransportProtocol } from './endpoint.ts';

/**
 * What the operator wrote, resolved: names looked up, defaults filled in, inheritance done.
 * Words are ldirectord's (virtual, real, fallback, gate/masq/ipip); the kernel's words begin in
 * reconcile/desired.ts.
 */

/** Identity of a virtual server: an address with a port, or a firewall mark. */
export type VirtualId =
  | {
      readonly family: AddressFamily;
      readonly protocol: TransportProtocol;
      readonly address: string;
      readonly port: number;
    }
  | { readonly family: AddressFamily; readonly fwmark: number };

export type ForwardMethod = 'gate' | 'masq' | 'ipip';

export interface RealServer {
  /** Unique within its virtual: `10.0.0.2:80`, a repeated one `10.0.0.2:80#2`. */
  readonly key: string;
  readonly family: AddressFamily;
  readonly address: string;
  /** 0 when the file gives none. */
  readonly port: number;
  readonly forward: ForwardMethod;
  readonly weight: number;
  readonly upperThreshold: number;
  readonly lowerThreshold: number;
  /** At least one; the server is up while all of them are. */
  readonly checks: readonly ServerCheck[];
  /** Present with ipip forwarding in another envelope than plain IP in IP. */
  readonly tunnel?: TunnelEnvelope;
  /** What becomes of it when it fails, where that differs from its virtual: stay with weight 0, or leave. */
  readonly inhibit?: boolean;
  /** Command lines for `commandWords`, run when it comes into service or goes out of it. */
  readonly notifyUp?: string;
  readonly notifyDown?: string;
  /** 1-based line of the file. */
  readonly line: number;
}

/** How packets are wrapped for a real server that is reached through a tunnel. */
export interface TunnelEnvelope {
  readonly type: 'gue' | 'gre';
  /** UDP port of gue; 0 for gre. */
  readonly port: number;
  readonly checksum: 'nocsum' | 'csum' | 'remcsum';
}

/** A check of one server with its rhythm, and what its results count for. */
export interface ServerCheck {
  /** Unique within its server; "checktype" is the one that ldirectord's directives describe. */
  readonly name: string;
  readonly definition: CheckDefinition;
  readonly intervals: CheckIntervals;
  /** Failed checks in a row that take an up server down. */
  readonly failureCount: number;
  /** Good checks in a row that bring a failed server back. */
  readonly rise: number;
  /** The first run comes somewhere within this time. */
  readonly warmupMs: number;
  /** A new server stays out until the first good answer; otherwise it is in until the first bad one. */
  readonly alpha: boolean;
  /** What the monitorfile calls it; there when its virtual has a monitorfile. */
  readonly identity?: string;
  /** 1-based line of its `check=`; absent for "checktype". */
  readonly line?: number;
}

/** A server for clients whose virtual has no quorum of real servers. */
export interface FallbackServer {
  /** Unique within its virtual, and no real server's: `fallback 10.0.0.9:80`. */
  readonly key: string;
  readonly family: AddressFamily;
  readonly address: string;
  readonly port: number;
  readonly forward: ForwardMethod;
  readonly tunnel?: TunnelEnvelope;
  readonly weight: number;
  /** Of the fallbacks that are up, those with the lowest number get the clients. */
  readonly priority: number;
  /** None: it counts as up always. */
  readonly checks: readonly ServerCheck[];
}

/** How much of a virtual's weight must be up for its real servers to be used. */
export interface Quorum {
  /** Sum of the weights of the servers that are up; at least 1. */
  readonly weight: number;
  /** It is gained with so much more, and lost with so much less. */
  readonly hysteresis: number;
  /** Command lines for `commandWords`. */
  readonly upCommand?: string;
  readonly downCommand?: string;
}

/** How long a server that fails again and again has to stay out. */
export interface Damping {
  /** After one failure. */
  readonly minMs: number;
  /** It doubles with each failure that follows soon, up to this. */
  readonly maxMs: number;
}

export type AlertStatus = 'starting' | 'running' | 'stopping' | 'reloading';

export interface EmailAlert {
  readonly recipients: readonly string[];
  /** Seconds between reminders while down; 0: none. */
  readonly frequencyS: number;
  readonly statuses: readonly AlertStatus[];
  /** Host, or host:port. */
  readonly smtp?: string;
}

/** From the start of one check to the start of the next, by what is known of the server. */
export interface CheckIntervals {
  readonly normalMs: number;
  /** While it is about to go down or come up. */
  readonly fastMs: number;
  /** While it is down. */
  readonly downMs: number;
}

/** A number of servers, or a share of those in the file. */
export type MinServers = { readonly count: number } | { readonly percent: number };

/** Packets that are to have the mark of a virtual server: see `ipvsd nft`. */
export interface MarkedPackets extends Endpoint {
  readonly protocol: TransportProtocol;
  /** 1-based line of its `markfor=`. */
  readonly line: number;
}

export interface VirtualServer {
  readonly id: VirtualId;
  /** How logs name it: `10.0.0.1:80`, `[fd00::1]:80`, `5` for a mark. */
  readonly label: string;
  /** Of a firewall mark, where the file says it: what gets the mark; port 0: every port. */
  readonly markFor?: readonly MarkedPackets[];
  readonly reals: readonly RealServer[];
  readonly fallbacks: readonly FallbackServer[];
  /** A fallback that is not in use stays in the kernel with weight 0. */
  readonly fallbackQuiescent: boolean;
  /** Absent: one server that is up is enough. */
  readonly quorum?: Quorum;
  /** A server that comes up gets its weight in steps over this time; 0: at once. */
  readonly slowStartMs: number;
  readonly damping?: Damping;
  readonly scheduler: string;
  /** Words of schedflags, e.g. `sh-port`; [] for none. */
  readonly schedulerFlags: readonly string[];
  /** 0: no persistence. */
  readonly persistentS: number;
  /** Dotted quad or prefix length in decimal; absent: every client alone. */
  readonly netmask?: string;
  /** Name of the persistence engine, as the kernel has it; absent: clients are told by address. */
  readonly persistentEngine?: string;
  readonly onePacket: boolean;
  readonly quiescent: boolean;
  readonly readdQuiescent: boolean;
  readonly cleanstop: boolean;
  /** How many servers health alone must leave in service; absent: none. */
  readonly minServers?: MinServers;
  /** A failed server leaves at once, with the templates of its clients. */
  readonly persistentClean: boolean;
  readonly intervals: CheckIntervals;
  /** Failed checks in a row that take an up server down. */
  readonly failureCount: number;
  /** Good checks in a row that bring a failed server back. */
  readonly rise: number;
  /** A command line for `commandWords`. */
  readonly fallbackCommand?: string;
  readonly monitorFile?: string;
  readonly serviceName?: string;
  readonly comment?: string;
  readonly emailAlert: EmailAlert;
  /** 1-based line of its `virtual=`. */
  readonly line: number;
  /** The file that it stands in, when that is an included one. */
  readonly file?: string;
}

/** How often checks run; `slow`: at a tenth of the full rate. */
export type CheckRate = 'full' | 'slow' | 'none';

/** How a director behaves in a role. */
export interface Conduct {
  readonly checks: CheckRate;
  /** `clear`: nothing of the file is in the kernel. */
  readonly table: 'keep' | 'clear';
}

export interface Config {
  /** The file it came from, for messages. */
  readonly path: string;
  /**
   * All that it came from: the file itself, the files that it includes, and the folders (these end
   * in "/") whose content it includes.
   */
  readonly files: readonly string[];
  readonly virtuals: readonly VirtualServer[];
  readonly autoreload: boolean;
  readonly callback?: string;
  /** Path (starts with "/") or syslog facility. */
  readonly logfile: string;
  readonly supervised: boolean;
  readonly fork: boolean;
  readonly execute: readonly string[];
  readonly maintenanceDir?: string;
  /** How it behaves in standby. */
  readonly standby: Conduct;
  readonly emailAlertFrom?: string;
}
